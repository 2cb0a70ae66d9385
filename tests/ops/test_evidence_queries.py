"""What the dashboards ask Tempo and Loki for is what a collector got.

Neither runs here: the queries are taken apart by the few forms of TraceQL and LogQL that they use, and whatever is
left over fails (grafana.com/docs/tempo/latest/traceql, grafana.com/docs/loki/latest/query).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telemetry.client import watched
from tests.telemetry.load import use_everything
from tests.tools.otlp import OTLPReceiver, attributes
from todo_gql.telemetry.log_export import SEVERITIES
from tools.dashboards.__main__ import DIRECTORY

# span.http.route!="/graphql", resource.service.name="$job", span.graphql.operation.type=~"query|mutation"
ATTRIBUTE = re.compile(r'(span|resource)\.([a-z_]+(?:\.[a-z_]+)*)(=~|!=|=)"([^"]*)"')
INTRINSIC = re.compile(r"(status=error|kind=server|duration>\d+ms)")
# {service_name="$job"} | severity_text=~"ERROR|WARN"
SELECTOR = re.compile(r'\{service_name="\$job"\}')
LABEL_FILTER = re.compile(r' \| (\w+)=~"([^"]*)"')
COUNTED = re.compile(r"sum by \((\w+)\) \(count_over_time\((.*) \[\$__auto\]\)\)")


def queries(datasource: str) -> Iterator[tuple[str, str]]:
    """Give the queries of a datasource by the titles of their panels."""
    for path in sorted(DIRECTORY.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                if target["datasource"]["type"] == datasource:
                    yield panel["title"], target["query"] if datasource == "tempo" else target["expr"]


@pytest.fixture
async def received(sqlite_path: Path, receiver: OTLPReceiver) -> OTLPReceiver:
    async with watched(f"sqlite:///{sqlite_path}", fault_injection=True) as client:
        await use_everything(client)
    return receiver


async def test_what_is_asked_of_tempo_is_in_the_spans(received: OTLPReceiver) -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for scope, owners in (("span", received.spans), ("resource", received.resources)):
        for owner in owners:
            for name, value in attributes(owner).items():
                known[f"{scope}.{name}"].add(str(value))
    known["resource.service.name"].add("$job")

    asked = dict(queries("tempo"))
    assert len(asked) == 2
    for title, query in asked.items():
        for scope, name, operator, values in ATTRIBUTE.findall(query):
            wanted = set(values.split("|")) if operator == "=~" else {values}
            assert wanted <= known[f"{scope}.{name}"], title
        rest = INTRINSIC.sub("", ATTRIBUTE.sub("", query))
        assert re.fullmatch(r"\{ [ &|()]* \}", rest), title
        assert rest.count("(") == rest.count(")"), title
    assert any(span.status.code == span.status.STATUS_CODE_ERROR for span in received.spans)
    assert any(span.kind == span.SPAN_KIND_SERVER for span in received.spans)


async def test_what_is_asked_of_loki_is_in_the_records(received: OTLPReceiver) -> None:
    severities = {text for _, _, text in SEVERITIES}
    asked = dict(queries("loki"))

    assert len(asked) == 3
    for title, query in asked.items():
        counted = COUNTED.fullmatch(query)
        if counted:
            assert counted[1] == "severity_text", title
        stream = counted[2] if counted else query
        selector = SELECTOR.match(stream)
        assert selector, title
        filters = LABEL_FILTER.findall(stream)
        assert {name for name, _ in filters} <= {"severity_text"}, title
        assert {value for _, values in filters for value in values.split("|")} <= severities, title
        assert LABEL_FILTER.sub("", stream[selector.end() :]) == "", title
    # Loki makes labels of these, without being told to.
    assert all("service.name" in attributes(resource) for resource in received.resources)
    assert {record.severity_text for record in received.logs} <= severities
    assert any(record.severity_text == "ERROR" and record.trace_id for record in received.logs)
