"""Bring docker-compose.yml up as it is, and ask the real Grafana for all that it was given: `make verify-grafana`.

For machines whose engine can pull grafana/otel-lgtm, with the file's ports free.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from ops.tools.client import Client
from ops.tools.containers import CheckFailed, check, docker, wait_for

ROOT: Final = Path(__file__).parents[2]
DASHBOARDS: Final = ROOT / "ops/dashboards"
COMPOSE: Final = (
    "compose",
    "--file",
    str(ROOT / "docker-compose.yml"),
    "--project-name",
    f"todo-gql-grafana-{os.getpid()}",
)
SERVICE_PORT: Final = 8082
GRAFANA_PORT: Final = 3000

START_S: Final = 600
"""With the pulling of more than a gigabyte."""
ARRIVAL_S: Final = 120
"""Metrics are exported once a minute."""

_SOURCES: Final = "/api/datasources/proxy/uid"


def main() -> None:
    """Check Grafana, or say in one sentence what is wrong with it."""
    try:
        with _running(), closing(Client(SERVICE_PORT)) as service, closing(Client(GRAFANA_PORT)) as grafana:
            _check_dashboards(grafana)
            _check_alert_rules(grafana)
            _check_telemetry(grafana, service.post("/todos", {"title": " "}).body["traceId"])
    except CheckFailed as failure:
        sys.exit(f"Grafana is not as it should be. {failure}")
    print("Grafana is as it should be.")


@contextmanager
def _running() -> Iterator[None]:
    try:
        docker(*COMPOSE, "up", "--wait", "--wait-timeout", str(START_S))
        yield
    except CheckFailed:
        print(docker(*COMPOSE, "logs", "--tail", "30"))
        raise
    finally:
        docker(*COMPOSE, "down", "--volumes", "--timeout", "20")


def _check_dashboards(grafana: Client) -> None:
    found = {each["uid"] for each in grafana.get("/api/search?type=dash-db").body}
    missing = {path.stem for path in DASHBOARDS.glob("*.json")} - found
    check(not missing, f"Grafana does not have the dashboards {sorted(missing)}: it has {sorted(found)}.")
    print(f"{len(found)} dashboards")


def _check_alert_rules(grafana: Client) -> None:
    groups = grafana.get("/api/prometheus/grafana/api/v1/rules").body["data"]["groups"]
    found = {rule["name"] for group in groups for rule in group["rules"]}
    written = json.loads((DASHBOARDS / "alert-rules.yaml").read_text(encoding="utf-8"))
    missing = {rule["title"] for group in written["groups"] for rule in group["rules"]} - found
    check(not missing, f"Grafana does not have the alert rules {sorted(missing)}.")
    print(f"{len(found)} alert rules")


def _check_telemetry(grafana: Client, trace_id: str) -> None:
    """Find what the service has sent, by the data sources that the dashboards name."""
    trace = f"{_SOURCES}/tempo/api/traces/{trace_id}"
    wait_for(lambda: grafana.get(trace).status == HTTPStatus.OK, "The trace of an answer has not arrived.", ARRIVAL_S)
    metric = urlencode({"query": 'http_server_request_duration_seconds_count{job="todo-gql"}'})
    log = urlencode({"query": '{service_name="todo-gql"}'})
    for what, query in (
        ("metric", f"{_SOURCES}/prometheus/api/v1/query?{metric}"),
        ("log line", f"{_SOURCES}/loki/loki/api/v1/query_range?{log}"),
    ):
        wait_for(lambda: _results(grafana, query) != [], f"No {what} has arrived.", ARRIVAL_S)  # noqa: B023  Called at once.
    print("a trace, metrics and log lines have arrived")


def _results(grafana: Client, query: str) -> list[Any]:
    answer = grafana.get(query)
    return list(answer.body["data"]["result"]) if answer.status == HTTPStatus.OK else []


if __name__ == "__main__":
    main()
