"""Prove the queries of dashboards and alert rules on real data: `make verify-dashboards`.

The service runs under load and exports over OTLP to vmagent, which writes to Prometheus. Every query must return data
there; then faults are injected, and the panels and rules about them must notice. Exemplars, Tempo and Loki have no
part in it.
"""

import http.client
import json
import os
import sqlite3
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Final

from tools.dashboards.__main__ import DIRECTORY
from tools.monitoring import free_address, query, running, running_prometheus, running_vmagent

VARIABLES: Final = {"$__rate_interval": "20s", "$__range": "2m", "$job": "todo-gql"}
LOAD_S: Final = 25

NOTICING: Final = {
    "Answers that did not fail (99.9 % is the objective)": "falls",
    "Error budget left of 28 days (red: stop releasing)": "falls",
    "Share that failed by our fault (bad: above 0.1 %)": "rises",
    "Operations that failed by our fault, by name (good: none)": "rises",
    "Answers with 5xx a second, by route (good: none)": "rises",
    "Statements that failed a second, by SQLSTATE (good: none)": "rises",
    "The error budget of a month is gone in two days": "fires",
    "The error budget of a month is gone in five days": "fires",
}
"""What must be seen of the faults that are injected."""

type Values = dict[tuple[str, str, str], list[float]]


def main() -> int:
    """Run everything, print the table, and answer whether every query returned data and the faults were noticed."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prometheus = stack.enter_context(running_prometheus(directory))
        vmagent = stack.enter_context(running_vmagent(directory, prometheus))
        service = stack.enter_context(_service(directory, vmagent))
        Thread(target=_subscribe, args=[service], daemon=True).start()
        print(f"Load for {LOAD_S} s ...", flush=True)
        _load(service, LOAD_S)
        before = _evaluate(prometheus)
        print(f"Faults for {LOAD_S} s ...", flush=True)
        _load(service, LOAD_S, broken=directory / "todo.db")
        after = _evaluate(prometheus)
    return _report(before, after)


def _report(before: Values, after: Values) -> int:
    bad = 0
    print(f"{'dashboard':<28} {'panel or rule':<92} data   faults")
    for key, values in before.items():
        board, title, query = key
        is_alert = board == "Alert rules"
        has_data = bool(values or after[key]) or is_alert
        noticing = NOTICING.get(title, "")
        noticed = _has_noticed(noticing, values, after[key]) if noticing else True
        bad += not has_data or not noticed
        said = (
            "" if not noticing else f"{noticing if noticed else 'NOT NOTICED'}: {_show(values)} -> {_show(after[key])}"
        )
        shown = "quiet" if is_alert and not values else "yes" if has_data else "NO"
        print(f"{board:<28} {f'{title} ({query})':<92} {shown:<6} {said}")
    print(f"{len(before)} queries, {bad} bad")
    return 1 if bad else 0


def _has_noticed(noticing: str, before: Sequence[float], after: Sequence[float]) -> bool:
    match noticing:
        case "falls":
            return min(after, default=0) < min(before, default=0)
        case "rises":
            return max(after, default=0) > max(before, default=0)
        case _:
            return not before and bool(after)


def _show(values: Sequence[float]) -> str:
    return f"{max(values):.4g}" if values else "nothing"


def _evaluate(prometheus: str) -> Values:
    return {(board, title, ref): query(prometheus, expr) for board, title, ref, expr in _expressions()}


def _expressions() -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(DIRECTORY.glob("*.json")):
        board = json.loads(path.read_text())
        variable = board["templating"]["list"][0]["query"]["query"]
        yield board["title"], "$job", "variable", variable.removeprefix("label_values(").partition(",")[0]
        for panel in board["panels"]:
            for target in panel["targets"]:
                if target["datasource"]["type"] == "prometheus":
                    yield board["title"], panel["title"], target["refId"], _expand(target["expr"])
    for group in json.loads((DIRECTORY / "alert-rules.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            yield "Alert rules", rule["title"], "A", rule["data"][0]["model"]["expr"]


def _expand(expr: str) -> str:
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    return expr


def _load(service: str, seconds: float, broken: Path | None = None) -> None:
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        _use(service, number)
        if broken is not None:
            _call(service, "GET", "/todos?simulate_error=500")
            if number % 5 == 0:
                with _without_todos(broken):
                    _graphql(service, "query List { todos { nodes { title } } }")
        time.sleep(0.05)
    time.sleep(4)  # Until the last export has reached Prometheus.


def _use(service: str, number: int) -> None:
    first = json.loads(_call(service, "POST", "/todos", {"title": f"Todo {number}"}))["id"]
    _call(service, "GET", "/todos?limit=10")
    _call(service, "GET", "/todos/unknown")
    _graphql(service, "query List { todos(first: 5) { nodes { title isBlocked dependencies { title } } } }")
    _graphql(service, f'mutation Done {{ todoComplete(id: "{first}") {{ __typename }} }}')
    _graphql(service, 'mutation Remove { todoDelete(id: "unknown") { __typename } }')


def _subscribe(service: str) -> None:
    """Take events until the service stops."""
    document = urllib.parse.quote("subscription Follow { todoEvents { kind } }")
    request = urllib.request.Request(f"{service}/graphql?query={document}", headers={"Accept": "text/event-stream"})
    with suppress(OSError, http.client.HTTPException), urllib.request.urlopen(request, timeout=60) as events:
        while events.readline():
            pass


def _graphql(service: str, document: str) -> None:
    _call(service, "POST", "/graphql", {"query": document})


def _call(service: str, method: str, path: str, body: Mapping[str, str] | None = None) -> bytes:
    request = urllib.request.Request(
        service + path,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", "User-Agent": "verify-dashboards/1"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    return content


@contextmanager
def _without_todos(path: Path) -> Iterator[None]:
    """Take the table away for a moment: what asks for it fails by our fault."""
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE todos RENAME TO gone")
        connection.commit()
        try:
            yield
        finally:
            connection.execute("ALTER TABLE gone RENAME TO todos")


@contextmanager
def _service(directory: Path, collector: str) -> Iterator[str]:
    address = free_address()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("APP_", "OTEL_"))},
        "APP_DATABASE_URL": f"sqlite:///{directory}/todo.db",
        "APP_PORT": address.rpartition(":")[2],
        "APP_FAULT_INJECTION": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
    }
    with running([sys.executable, "-m", "todo_gql", "serve"], f"http://{address}/readyz", environment):
        yield f"http://{address}"


if __name__ == "__main__":
    sys.exit(main())
