"""The two faces of the service: GraphQL, and REST with those who still call it."""

from typing import Any

from todo_gql.telemetry import names
from tools.dashboards.board import Row, dashboard
from tools.dashboards.panels import Query, graph, stat, table
from tools.dashboards.queries import FAILED, REST, REST_FAILED, or_zero, quantile, rate, series

_OPERATION = "graphql_operation_type, graphql_operation_name"
_OPERATION_LEGEND = "{{graphql_operation_type}} {{graphql_operation_name}}"
_ROUTE = "http_request_method, http_route"
_ROUTE_LEGEND = "{{http_request_method}} {{http_route}}"


def graphql() -> dict[str, Any]:
    """Make the dashboard of GraphQL."""
    return dashboard(
        "todo-graphql",
        "2 GraphQL",
        "Operations, resolvers and costs. Names are the first 100 that validated; later ones are _other.",
        Row(
            height=8,
            panels=[
                graph(
                    "Operations a second, by name",
                    "`_anonymous` has no name, `_unread` was no valid document.",
                    Query(f"topk(10, {rate(names.OPERATION_DURATION, by=_OPERATION)})", _OPERATION_LEGEND),
                    unit="reqps",
                ),
                graph(
                    "Operations that failed by our fault, by name (good: none)",
                    "Look for their traces on the dashboard Logs and traces.",
                    Query(or_zero(rate(names.OPERATION_DURATION, FAILED, by=_OPERATION)), _OPERATION_LEGEND),
                    unit="reqps",
                    steps=[(None, "transparent"), (0.001, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Duration of operations: 95 of 100 take less (bad: above 250 ms)",
                    "The dots are single operations: a click leads to the trace.",
                    Query(
                        f"topk(10, {quantile(0.95, names.OPERATION_DURATION, by=_OPERATION)})",
                        _OPERATION_LEGEND,
                        has_exemplars=True,
                    ),
                    unit="s",
                    steps=[(None, "transparent"), (0.25, "orange"), (1, "red")],
                ),
                graph(
                    "Time spent at a field: 95 of 100 operations take less",
                    "From the start of the field's first resolver to the end of its last; the slowest ten.",
                    Query(
                        f"topk(10, {quantile(0.95, names.RESOLVER_DURATION, by='graphql_field')})",
                        "{{graphql_field}}",
                        has_exemplars=True,
                    ),
                    unit="s",
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Estimated cost: 95 of 100 operations are cheaper (bad: near APP_LIMIT_COST, 10 000)",
                    "How many objects an operation could have resolved. Near the limit clients will soon be refused.",
                    Query(f"topk(10, {quantile(0.95, names.OPERATION_COST, by=_OPERATION)})", _OPERATION_LEGEND),
                    unit="short",
                    steps=[(None, "transparent"), (5000, "orange"), (10_000, "red")],
                ),
                graph(
                    "Refusals and failures in GraphQL answers, by code",
                    "VERSION_CONFLICT and BLOCKED are rules at work; INTERNAL is a bug.",
                    Query(rate(names.PROBLEMS, 'protocol="graphql"', by="problem_code"), "{{problem_code}}"),
                    unit="short",
                    stacked=True,
                ),
            ],
        ),
        *_subscriptions(),
    )


def _subscriptions() -> tuple[Row, Row]:
    return (
        Row(
            height=8,
            panels=[
                graph(
                    "Open subscriptions, by transport (bad: a fall that no release explains)",
                    "Clients come back by themselves, and catch up with their tokens.",
                    Query(f"sum by (transport) ({series(names.SUBSCRIPTIONS)})", "{{transport}}"),
                    unit="short",
                    stacked=True,
                ),
                graph(
                    "Events delivered a second, by transport",
                    "One change is as many events as there are subscribers who asked for it.",
                    Query(rate(names.EVENTS_DELIVERED, by="transport"), "{{transport}}"),
                    unit="ops",
                    stacked=True,
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "From change to delivery: 95 of 100 events take less (bad: above 1 s)",
                    "The dots are single events: a click leads to the trace, and from there to the change.",
                    Query(quantile(0.95, names.EVENTS_LAG), "all processes", has_exemplars=True),
                    unit="s",
                    steps=[(None, "transparent"), (1, "orange"), (5, "red")],
                ),
                graph(
                    "Behind the change log (good: up to 5 s, which is how often an idle process looks)",
                    "Above that the process does not get on with reading, or the database does not answer it.",
                    Query(f"max by (instance) ({series(names.CHANGES_BACKLOG)})", "{{instance}}"),
                    unit="s",
                    steps=[(None, "transparent"), (10, "orange"), (30, "red")],
                ),
            ],
        ),
    )


def rest() -> dict[str, Any]:
    """Make the dashboard of REST."""
    calls = f"sum by (client_name, {_ROUTE}) (increase({series(names.LEGACY_CALLS)}[$__range]))"
    share = or_zero(f"sum(increase({series(names.LEGACY_CALLS)}[$__range]))")
    operations = or_zero(f"sum(increase({series(names.OPERATION_DURATION, part='_count')}[$__range]))")
    return dashboard(
        "todo-rest",
        "3 REST and legacy callers",
        "REST by route, and who has to be told before it is switched off.",
        Row(
            height=8,
            panels=[
                graph(
                    "Requests a second, by route",
                    "Without probes.",
                    Query(rate(names.HTTP_DURATION, REST, by=_ROUTE), _ROUTE_LEGEND),
                    unit="reqps",
                ),
                graph(
                    "Answers with 5xx a second, by route (good: none)",
                    "Each is a fault of ours; its trace is one click away on Logs and traces.",
                    Query(
                        or_zero(rate(names.HTTP_DURATION, REST_FAILED, by=f"{_ROUTE}, http_response_status_code")),
                        "{{http_response_status_code}} " + _ROUTE_LEGEND,
                    ),
                    unit="reqps",
                    steps=[(None, "transparent"), (0.001, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Duration: 95 of 100 answers take less (bad: above 250 ms)",
                    "GET /todos answers the whole list unless a limit is given. The dots lead to traces.",
                    Query(
                        quantile(0.95, names.HTTP_DURATION, REST, by=_ROUTE),
                        _ROUTE_LEGEND,
                        has_exemplars=True,
                    ),
                    unit="s",
                    steps=[(None, "transparent"), (0.25, "orange"), (1, "red")],
                ),
                graph(
                    "Problems in REST answers, by code",
                    "VALIDATION and NOT_FOUND are clients' mistakes.",
                    Query(rate(names.PROBLEMS, 'protocol="rest"', by="problem_code"), "{{problem_code}}"),
                    unit="short",
                    stacked=True,
                ),
            ],
        ),
        Row(
            height=9,
            panels=[
                table(
                    "Who still calls REST, over the time shown",
                    "By the product in User-Agent, or graphql-client-name. The first 50 have names.",
                    Query(calls),
                    unit="short",
                ),
                graph(
                    "Calls of REST a second, by client (good: falling to none)",
                    "When this is empty for a month, REST can go.",
                    Query(rate(names.LEGACY_CALLS, by="client_name"), "{{client_name}}"),
                    unit="reqps",
                    stacked=True,
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Operations a second that ask for a deprecated field, by field and client (good: none)",
                    "Tell these clients before the field goes. By graphql-client-name, or the product in User-Agent.",
                    Query(
                        or_zero(rate(names.LEGACY_FIELDS, by="graphql_field, client_name")),
                        "{{graphql_field}} {{client_name}}",
                    ),
                    unit="reqps",
                    stacked=True,
                ),
            ],
        ),
        Row(
            height=4,
            panels=[
                stat(
                    "Share of calls that still are REST (good: 0)",
                    "Of REST calls and GraphQL operations together, over the time shown.",
                    Query(f"{share} / ({share} + {operations} > 0)"),
                    unit="percentunit",
                    decimals=1,
                    steps=[(None, "green"), (0.01, "orange"), (0.5, "text")],
                ),
            ],
        ),
    )
