"""Single log records and traces: what the other dashboards point to."""

from typing import Any

from tools.dashboards.board import Row, dashboard
from tools.dashboards.panels import log_graph, logs, traces


def evidence() -> dict[str, Any]:
    """Make the dashboard."""
    own = 'resource.service.name="$job"'
    rest = '(kind=server && span.http.route!="/graphql")'
    graphql = 'span.graphql.operation.type=~"query|mutation"'
    return dashboard(
        "todo-evidence",
        "6 Logs and traces",
        "A trace id of an answer (`traceresponse`, `traceId`) goes into the search of Tempo, or into the log below.",
        Row(
            height=9,
            panels=[
                traces(
                    "Traces of our faults, the latest first (good: none)",
                    "Requests in which something has the status ERROR. A click shows which resolver, which statement.",
                    f"{{ {own} && status=error }}",
                ),
                traces(
                    "Traces that took longer than 250 ms",
                    "A click shows where the time went. Streams of events, which last, are left out.",
                    f"{{ {own} && duration>250ms && ({rest} || {graphql}) }}",
                ),
            ],
        ),
        Row(
            height=7,
            panels=[
                log_graph(
                    "Log records, by severity (good: no errors)",
                    "Each unhandled exception is one record.",
                    'sum by (severity_text) (count_over_time({service_name="$job"} [$__auto]))',
                    "{{severity_text}}",
                ),
            ],
        ),
        Row(
            height=10,
            panels=[
                logs(
                    "Errors and warnings",
                    "Each has the id of its trace: the link leads there.",
                    '{service_name="$job"} | severity_text=~"ERROR|WARN|FATAL"',
                ),
            ],
        ),
        Row(height=10, panels=[logs("Everything", "Access lines included.", '{service_name="$job"}')]),
    )
