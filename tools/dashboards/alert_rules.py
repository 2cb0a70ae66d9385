"""Alert rules that Grafana evaluates (grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources).

The two of the error budget follow "Alerting on SLOs" in Google's SRE workbook: a rule fires when the budget burns fast
in a long window and still does in a short one, so that it neither cries at a single error nor goes on after the end.
"""

from dataclasses import dataclass
from typing import Any, Final

from todo_gql.telemetry import names
from tools.dashboards.panels import PROMETHEUS
from tools.dashboards.queries import OBJECTIVE, REST, answers, failed_share, quantile, series

JOB: Final = "todo-gql"

_RANGE: Final = {"from": 600, "to": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fires when the query has had a value for a while; `expr` holds the comparison."""

    uid: str
    title: str
    expr: str
    lasting: str
    severity: str
    summary: str
    to_do: str
    dashboard: str


def _burn(factor: float, long: str, short: str) -> str:
    bound = f"{factor * (1 - OBJECTIVE):.4f}"
    return f"({failed_share(long)}) > {bound} and ({failed_share(short)}) > {bound}"


RULES: Final = (
    Rule(
        uid="todo-burn-fast",
        title="The error budget of a month is gone in two days",
        expr=_burn(14.4, "1h", "5m"),
        lasting="2m",
        severity="page",
        summary="More than 1.4 % of answers fail by our fault.",
        to_do="Overview says on which face; Logs and traces has the failing requests. Roll the last release back.",
        dashboard="todo-overview",
    ),
    Rule(
        uid="todo-burn-slow",
        title="The error budget of a month is gone in five days",
        expr=_burn(6, "6h", "30m"),
        lasting="15m",
        severity="page",
        summary="More than 0.6 % of answers fail by our fault, and have done for hours.",
        to_do="Look for the code that has risen under Problems in answers, and for its traces.",
        dashboard="todo-overview",
    ),
    Rule(
        uid="todo-slow",
        title="Answers are slow",
        # Not by the requests for GraphQL: among those are streams of events, which last.
        expr=(
            f"({quantile(0.95, names.HTTP_DURATION, REST)} > 1 or {quantile(0.95, names.OPERATION_DURATION)} > 1)"
            f" and {answers()} > 1"
        ).replace("$__rate_interval", "10m"),
        lasting="10m",
        severity="ticket",
        summary="One of 20 answers takes longer than a second.",
        to_do="Database says whether statements are slow or wait for connections; Runtime: is the processor busy?",
        dashboard="todo-database",
    ),
    Rule(
        uid="todo-pool",
        title="Work gives up waiting for a connection to the database",
        expr=f"sum(increase({series(names.CONNECTION_TIMEOUTS)}[5m])) > 0",
        lasting="0s",
        severity="page",
        summary="Requests are answered with UNAVAILABLE because all connections were in use for 2 s.",
        to_do="Database shows which statements hold them. Look for locks in pg_stat_activity.",
        dashboard="todo-database",
    ),
    Rule(
        uid="todo-loop",
        title="The event loop is blocked",
        expr=f"max({series(names.EVENT_LOOP_LAG)}) > 1",
        lasting="5m",
        severity="ticket",
        summary="Nobody was answered for more than a second.",
        to_do="Runtime says which process; a profile (py-spy dump) says what it does.",
        dashboard="todo-runtime",
    ),
    Rule(
        uid="todo-behind",
        title="Subscribers do not hear of changes",
        expr=f"max({series(names.CHANGES_BACKLOG)}) > 30",
        lasting="2m",
        severity="ticket",
        summary="A process has not got to the end of the change log for half a minute.",
        to_do="GraphQL says which process; its log says why the change log cannot be read. A restart loses no event.",
        dashboard="todo-graphql",
    ),
    Rule(
        uid="todo-silent",
        title="No process reports",
        expr=f"absent({series(names.UPTIME)})",
        lasting="10m",
        severity="page",
        summary="Nothing has been heard of the service: it is down, or its telemetry is.",
        to_do="kubectl get pods; then the collector.",
        dashboard="todo-overview",
    ),
)


def provisioning() -> dict[str, Any]:
    """Make the file that Grafana reads the rules from."""
    group = {"orgId": 1, "name": "todo_gql", "folder": "todo_gql", "interval": "1m"}
    return {"apiVersion": 1, "groups": [{**group, "rules": [_rule(rule) for rule in RULES]}]}


def expression(rule: Rule) -> str:
    """Give the query of a rule, with the service in the place of the variable."""
    return rule.expr.replace("$job", JOB)


def _rule(rule: Rule) -> dict[str, Any]:
    query = {"refId": "A", "expr": expression(rule), "instant": True, "datasource": PROMETHEUS}
    is_there = {
        "refId": "B",
        "type": "math",
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        # The comparison is in the query, whose value may be 0: anything at all fires.
        "expression": "is_number($A)",
    }
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "B",
        "for": rule.lasting,
        # Nothing is left when the comparison does not hold.
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"severity": rule.severity, "service": JOB},
        "annotations": {
            "summary": rule.summary,
            "description": rule.to_do,
            "__dashboardUid__": rule.dashboard,
            "__panelId__": "1",
        },
        "data": [
            {"refId": "A", "datasourceUid": "prometheus", "relativeTimeRange": _RANGE, "model": query},
            {"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": _RANGE, "model": is_there},
        ],
    }
