"""Each alert fires when it should and stays quiet when it should, in a real Prometheus that is told seven hours."""

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ops.histories import Series, tell
from todo_gql.telemetry import names
from tools.dashboards.__main__ import DIRECTORY
from tools.dashboards.queries import UPTIME
from tools.monitoring import program, query, running_prometheus, running_vmagent

LAST = "the last"
RULES: dict[str, Any] = {
    rule["uid"]: rule
    for group in json.loads((DIRECTORY / "alert-rules.yaml").read_text())["groups"]
    for rule in group["rules"]
}


def rest(status: str, a_minute: float, seconds: float = 0.1, *, until: int = 0, since: int = 10_000) -> Series:
    attributes = {"http.request.method": "GET", "http.route": "/todos", "http.response.status_code": status}
    return Series(names.HTTP_DURATION, lambda ago: a_minute if until <= ago <= since else 0, attributes, seconds)


def operations(outcome: str, a_minute: float, seconds: float = 0.1) -> Series:
    attributes = {"graphql.operation.type": "query", "graphql.operation.name": "List", "outcome": outcome}
    return Series(names.OPERATION_DURATION, lambda _: a_minute, attributes, seconds)


def streams(a_minute: float, seconds: float) -> Series:
    attributes = {"http.request.method": "GET", "http.route": "/graphql", "http.response.status_code": "200"}
    return Series(names.HTTP_DURATION, lambda _: a_minute, attributes, seconds)


@dataclass(frozen=True)
class Case:
    rule: str
    what: str
    fires: bool
    series: tuple[Series, ...] = ()

    @property
    def service(self) -> str:
        """A name of its own, so that all cases fit into one Prometheus."""
        return f"{self.rule} {self.what}"


CASES = [
    Case("todo-burn-fast", "2 % of REST fail", True, (rest("200", 98), rest("500", 2))),
    Case("todo-burn-fast", "2 % of GraphQL fail", True, (operations("ok", 98), operations("failed", 2))),
    Case("todo-burn-fast", "1 % fail", False, (rest("200", 99), rest("503", 1))),
    Case("todo-burn-fast", "half is refused", False, (operations("ok", 50), operations("refused", 50), rest("404", 9))),
    Case("todo-burn-fast", "10 % failed until 10 minutes ago", False, (rest("200", 90), rest("500", 10, until=10))),
    Case("todo-burn-fast", "5 % fail for 10 minutes", False, (rest("200", 95), rest("500", 5, since=10))),
    Case("todo-burn-fast", "nobody asks", False, (rest("200", 0), operations("ok", 0))),
    Case("todo-burn-slow", "1 % of REST fail", True, (rest("200", 99), rest("500", 1))),
    Case("todo-burn-slow", "1 % of GraphQL fail", True, (operations("ok", 99), operations("failed", 1))),
    Case("todo-burn-slow", "0.5 % fail", False, (rest("200", 199), rest("500", 1))),
    Case("todo-burn-slow", "2 % failed until 40 minutes ago", False, (rest("200", 98), rest("500", 2, until=40))),
    Case("todo-burn-slow", "2 % fail for 40 minutes", False, (rest("200", 98), rest("500", 2, since=40))),
    Case("todo-slow", "REST takes 2 s", True, (rest("200", 120, 2),)),
    Case("todo-slow", "GraphQL takes 2 s", True, (operations("ok", 120, 2), rest("200", 120))),
    Case("todo-slow", "all is fast", False, (operations("ok", 120), rest("200", 120))),
    Case("todo-slow", "1 of 40 takes 2 s", False, (rest("200", 117), rest("200", 3, 2))),
    Case("todo-slow", "streams of events last a minute", False, (operations("ok", 120), streams(120, 60))),
    Case("todo-slow", "the only caller is slow", False, (rest("200", 1, 2),)),
    Case("todo-pool", "some gave up", True, (Series(names.CONNECTION_TIMEOUTS, lambda ago: float(ago < 4)),)),
    Case("todo-pool", "some gave up an hour ago", False, (Series(names.CONNECTION_TIMEOUTS, lambda ago: ago > 60),)),
    Case("todo-loop", "1.5 s", True, (Series(names.EVENT_LOOP_LAG, lambda _: 1.5),)),
    Case("todo-loop", "0.2 s", False, (Series(names.EVENT_LOOP_LAG, lambda _: 0.2),)),
    Case("todo-behind", "40 s", True, (Series(names.CHANGES_BACKLOG, lambda _: 40),)),
    Case("todo-behind", "an idle feed", False, (Series(names.CHANGES_BACKLOG, lambda ago: ago % 6),)),
    Case("todo-silent", "no process", True),
    Case("todo-silent", "a process", False, (Series(names.UPTIME, lambda _: 100),)),
]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    try:
        program("prometheus")
    except SystemExit as missing:
        pytest.skip(str(missing))
    with (
        tempfile.TemporaryDirectory() as directory,
        running_prometheus(Path(directory)) as prometheus,
        running_vmagent(Path(directory), prometheus) as vmagent,
    ):
        histories = {case.service: case.series for case in CASES if case.series}
        # It is sent last, and alone: when it is there, everything is.
        tell(vmagent, histories)
        tell(vmagent, {LAST: [Series(names.UPTIME, lambda _: 1)]}, minutes=0)
        deadline = time.monotonic() + 60
        while not query(prometheus, f'{UPTIME}{{job="{LAST}"}}'):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield prometheus


@pytest.mark.prometheus
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.service)
def test_an_alert_fires_when_it_should_and_only_then(case: Case, prometheus: str) -> None:
    expr = RULES[case.rule]["data"][0]["model"]["expr"]
    assert 'job="todo-gql"' in expr

    found = query(prometheus, expr.replace('job="todo-gql"', f'job="{case.service}"'))

    assert bool(found) is case.fires


def test_every_alert_has_cases_of_both_kinds() -> None:
    assert {(case.rule, case.fires) for case in CASES} == {(uid, fires) for uid in RULES for fires in (True, False)}
