"""Print docs/telemetry.md: every metric and every attribute of our own, as `todo_gql.telemetry.names` has them."""

from collections.abc import Iterator

from todo_gql.telemetry.names import METRICS, SPAN_ATTRIBUTES, Metric

HEAD = """\
# What the service tells of itself

Made by `make docs` from `todo_gql/telemetry/names.py`. Names without `todo_gql.` are those of OpenTelemetry's
[semantic conventions](https://opentelemetry.io/docs/specs/semconv/). In Prometheus dots become underscores, the unit
is appended, and counters end in `_total`: `http_server_request_duration_seconds_bucket`, `todo_gql_problems_total`.

Nothing that a caller typed is in any of it: no title, no description, no document, no argument, no token, no path that
is none of ours.

## Metrics

| name | kind | unit | meaning | attributes |
| --- | --- | --- | --- | --- |
"""

TAIL = """
## Spans

| span | kind | when |
| --- | --- | --- |
| `POST /graphql`, `GET /todos/{id}` | server | each request but those of probes; method and route |
| `WebSocket /graphql` | server | each operation of a WebSocket; a subscription's ends when it is open |
| `deliver TodoEvent` | consumer | each event, once for all who have subscribed to the same; the root of its trace |
| `query List`, `mutation Add`, `query` | internal | each GraphQL operation; after 100 names `_other` |
| `parse`, `validate` | internal | a document that was not known yet |
| `resolve Query.todos` | internal | each resolver that may wait, at most 20 of one field |
| `SELECT todos`, `INSERT todo_changes` | client | each SQL statement; verb and first table |

`deliver TodoEvent` has links: to the span in which the change was made, through whichever process, and to the
operations of at most 100 of its subscribers. What was not sampled has no link.

Only the service's own faults have the status ERROR. What a client did wrong, and what a rule of the domain refused, is
an outcome.

| attribute | meaning |
| --- | --- |
"""


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield HEAD.rstrip("\n")
    yield from map(_row, METRICS)
    yield TAIL.rstrip("\n")
    for name, meaning in SPAN_ATTRIBUTES.items():
        yield f"| `{name}` | {meaning} |"


def _row(metric: Metric) -> str:
    attributes = ", ".join(f"`{name}`" for name in metric.attributes)
    return f"| `{metric.name}` | {metric.kind} | `{metric.unit}` | {metric.meaning} | {attributes} |"


if __name__ == "__main__":
    print("\n".join(page()))
