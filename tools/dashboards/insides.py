"""What the faces stand on: the database, and the process."""

from typing import Any

from todo_gql.telemetry import names
from tools.dashboards.board import Row, dashboard
from tools.dashboards.panels import Query, graph
from tools.dashboards.queries import or_zero, quantile, rate, series

_STATEMENT = "db_operation_name, db_collection_name"
_STATEMENT_LEGEND = "{{db_operation_name}} {{db_collection_name}}"


def database() -> dict[str, Any]:
    """Make the dashboard of the database."""
    busy = f"sum({series(names.CONNECTIONS, '''db_client_connection_state="used" '''.strip())})"
    return dashboard(
        "todo-database",
        "4 Database",
        "Statements, and the connections that carry them.",
        Row(
            height=8,
            panels=[
                graph(
                    "Statements a second",
                    "By verb and first table.",
                    Query(rate(names.DATABASE_DURATION, by=_STATEMENT), _STATEMENT_LEGEND),
                    unit="ops",
                    stacked=True,
                ),
                graph(
                    "Duration of statements: 95 of 100 take less (bad: above 100 ms)",
                    "A single one that stands out wants an index; all at once, a larger database. Dots lead to traces.",
                    Query(
                        quantile(0.95, names.DATABASE_DURATION, by=_STATEMENT),
                        _STATEMENT_LEGEND,
                        has_exemplars=True,
                    ),
                    unit="s",
                    steps=[(None, "transparent"), (0.1, "orange"), (1, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Connections in use, of those there can be (bad: at the top)",
                    "Of all processes together.",
                    Query(busy, "in use"),
                    Query(f"sum({series(names.CONNECTIONS_MAX)})", "largest number"),
                    unit="short",
                ),
                graph(
                    "Work that waits for a connection (good: none)",
                    "Waiting longer than 2 s ends in UNAVAILABLE: that is a time-out.",
                    Query(f"sum({series(names.CONNECTIONS_PENDING)})", "waiting"),
                    Query(f"sum(increase({series(names.CONNECTION_TIMEOUTS)}[$__rate_interval]))", "time-outs"),
                    unit="short",
                    steps=[(None, "transparent"), (1, "orange"), (10, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Statements that failed a second, by SQLSTATE (good: none)",
                    "40001 and 40P01 are run again; 57014 took too long; 08 and 57P are a database that went away.",
                    Query(
                        or_zero(rate(names.DATABASE_DURATION, 'error_type!=""', by=f"error_type, {_STATEMENT}")),
                        "{{error_type}} " + _STATEMENT_LEGEND,
                    ),
                    unit="ops",
                    steps=[(None, "transparent"), (0.001, "red")],
                ),
                graph(
                    "Statements an answer (bad: a step after a release)",
                    "Each operation has a budget of statements, which the tests hold it to.",
                    Query(f"{rate(names.DATABASE_DURATION)} / ({rate(names.HTTP_DURATION)} > 0)", "statements"),
                    unit="short",
                ),
            ],
        ),
    )


def runtime() -> dict[str, Any]:
    """Make the dashboard of the process."""
    return dashboard(
        "todo-runtime",
        "5 Runtime",
        "The processes themselves, one line each.",
        Row(
            height=8,
            panels=[
                graph(
                    "Processor time a second (bad: near 1, one process uses one core)",
                    "At 1 requests queue: add replicas.",
                    Query(rate(names.CPU_TIME, by="instance"), "{{instance}}"),
                    unit="percentunit",
                    steps=[(None, "transparent"), (0.8, "orange"), (0.95, "red")],
                ),
                graph(
                    "Longest wait for the event loop (bad: above 100 ms)",
                    "Something computed or blocked for that long, and nobody was answered meanwhile.",
                    Query(f"max by (instance) ({series(names.EVENT_LOOP_LAG)})", "{{instance}}"),
                    unit="s",
                    steps=[(None, "transparent"), (0.1, "orange"), (1, "red")],
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Memory (bad: growing for days, or near the container's limit)",
                    "Resident memory.",
                    Query(f"max by (instance) ({series(names.MEMORY)})", "{{instance}}"),
                    unit="bytes",
                ),
                graph(
                    "Open files and sockets (bad: growing while requests do not)",
                    "Connections of callers and to the database, and files.",
                    Query(f"max by (instance) ({series(names.FILE_DESCRIPTORS)})", "{{instance}}"),
                    unit="short",
                ),
            ],
        ),
        Row(
            height=8,
            panels=[
                graph(
                    "Requests that are being answered (bad: rising while requests a second do not)",
                    "A queue builds up somewhere below.",
                    Query(f"sum by (instance) ({series(names.HTTP_ACTIVE)})", "{{instance}}"),
                    unit="short",
                ),
                graph(
                    "Runs of the garbage collector a second, by generation",
                    "Generation 2 walks through everything: more than one a second is felt.",
                    Query(rate(names.GC_COLLECTIONS, by="cpython_gc_generation"), "{{cpython_gc_generation}}"),
                    unit="ops",
                ),
            ],
        ),
        Row(
            height=6,
            panels=[
                graph(
                    "Age of the processes (a fall to zero is a restart)",
                    "Every process that starts is a new line.",
                    Query(f"max by (instance) ({series(names.UPTIME)})", "{{instance}}"),
                    unit="s",
                ),
            ],
        ),
    )
