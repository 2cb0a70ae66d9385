"""The first look: is it us, since when, and on which face."""

from typing import Any

from todo_gql.telemetry import names
from tools.dashboards import panels
from tools.dashboards.board import Row, dashboard
from tools.dashboards.panels import Query, graph, stat
from tools.dashboards.queries import (
    FAILED,
    FAST_S,
    OBJECTIVE,
    REST,
    REST_FAILED,
    answers,
    failed_share,
    or_zero,
    quantile,
    rate,
    series,
)

_BUDGET = 1 - OBJECTIVE


def overview() -> dict[str, Any]:
    """Make the dashboard."""
    fast = " + ".join(
        or_zero(f"sum(rate({series(metric, matchers, part='_bucket')}[$__range]))")
        for metric, matchers in (
            (names.HTTP_DURATION, f'{REST},le="{FAST_S}"'),
            (names.OPERATION_DURATION, f'le="{FAST_S}"'),
        )
    )
    return dashboard(
        "todo-overview",
        "1 Overview",
        "Whether the service keeps its objectives, and where it does not.",
        Row(
            height=4,
            panels=[
                stat(
                    "Answers that did not fail (99.9 % is the objective)",
                    "Over the time shown. Only our own faults count: REST answers with 5xx, GraphQL operations whose "
                    "outcome is `failed`.",
                    Query(f"1 - {failed_share('$__range')}"),
                    unit="percentunit",
                    decimals=3,
                    steps=[(None, "red"), (OBJECTIVE, "green")],
                ),
                stat(
                    "Error budget left of 28 days (red: stop releasing)",
                    "1 is a month without failures; below 0 the objective is missed.",
                    Query(f"1 - ({failed_share('28d')}) / {_BUDGET:.3f}"),
                    unit="percentunit",
                    decimals=1,
                    steps=[(None, "red"), (0.1, "orange"), (0.5, "green")],
                ),
                stat(
                    f"Answers within {FAST_S * 1000:.0f} ms (good: over 99 %)",
                    "Over the time shown, both protocols. A stream of events is as fast as its opening.",
                    Query(f"({fast}) / ({answers('$__range')} > 0)"),
                    unit="percentunit",
                    decimals=2,
                    steps=[(None, "red"), (0.95, "orange"), (0.99, "green")],
                ),
                stat(
                    "Processes that report (red: none)",
                    "A replica that stops exporting disappears here after five minutes.",
                    Query(or_zero(f"count({series(names.UPTIME)})")),
                    unit="short",
                    steps=[(None, "red"), (1, "green")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Requests a second",
                    "What is asked of the service.",
                    Query(rate(names.OPERATION_DURATION), "GraphQL operations"),
                    Query(rate(names.HTTP_DURATION, REST), "REST and pages"),
                    unit="reqps",
                ),
                graph(
                    "Share that failed by our fault (bad: above 0.1 %)",
                    "Above the line the error budget shrinks faster than it grows back.",
                    Query(
                        f"{or_zero(rate(names.OPERATION_DURATION, FAILED))} / ({rate(names.OPERATION_DURATION)} > 0)",
                        "GraphQL",
                    ),
                    Query(
                        f"{or_zero(rate(names.HTTP_DURATION, REST_FAILED))} / ({rate(names.HTTP_DURATION, REST)} > 0)",
                        "REST",
                    ),
                    unit="percentunit",
                    steps=[(None, "transparent"), (_BUDGET, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    f"Duration: 95 of 100 answers take less (bad: above {FAST_S * 1000:.0f} ms)",
                    "The dots are single requests: a click leads to the trace.",
                    Query(quantile(0.95, names.OPERATION_DURATION), "GraphQL", has_exemplars=True),
                    Query(quantile(0.95, names.HTTP_DURATION, REST), "REST", has_exemplars=True),
                    unit="s",
                    steps=[(None, "transparent"), (FAST_S, "orange"), (1, "red")],
                ),
                graph(
                    "Problems in answers, by code (INTERNAL, UNAVAILABLE and DEADLINE_EXCEEDED are ours)",
                    "The same code in GraphQL and REST. A new one that rises is often a client's release.",
                    Query(rate(names.PROBLEMS, by="problem_code"), "{{problem_code}}"),
                    unit="short",
                    stacked=True,
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Todos created and completed an hour",
                    "What the service is for. Neither for an hour of the day is bad, whatever the other graphs say.",
                    Query(f"sum(increase({series(names.TODOS_CREATED)}[1h]))", "created"),
                    Query(f"sum(increase({series(names.TODOS_COMPLETED)}[1h]))", "completed"),
                    unit="short",
                ),
                panels.alerts("Alerts that fire", "Empty is good."),
            ],
        ),
    )
