"""What the dashboards and the alert rules ask for is what the service emits."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telemetry.client import watched
from tests.telemetry.load import LIST, use_everything
from tests.tools.otlp import OTLPReceiver, attributes, data_points
from todo_gql.telemetry import names
from todo_gql.telemetry.outcomes import Outcome
from tools.dashboards.__main__ import DIRECTORY, PROVIDER, files
from tools.dashboards.queries import prometheus_name

OF_EVERY_SERIES = {"job", "instance"}
SERIES = re.compile(r"(\w+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|!=|=)"([^"]*)"')
GROUPING = re.compile(r"by \(([^)]*)\)")

type Labels = dict[str, set[str]]


def expressions() -> Iterator[tuple[str, str]]:
    """Give each PromQL query of the files as they are, with what it is for."""
    for path in sorted(DIRECTORY.glob("*.json")):
        board = json.loads(path.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                if target["datasource"]["type"] == "prometheus":
                    yield f"{board['title']}: {panel['title']} ({target['refId']})", target["expr"]
    for group in json.loads((DIRECTORY / "alert-rules.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            yield f"Alert: {rule['title']}", rule["data"][0]["model"]["expr"]


EXPRESSIONS = dict(expressions())


@pytest.fixture
async def emitted(sqlite_path: Path, receiver: OTLPReceiver, deprecated_field: str) -> dict[str, Labels]:
    """The names of series as Prometheus makes them of what a collector got, with their labels and the values."""
    async with watched(f"sqlite:///{sqlite_path}", fault_injection=True) as client:
        await use_everything(client)
        with sqlite3.connect(sqlite_path) as connection:
            connection.execute("ALTER TABLE todos RENAME TO gone")
        await client.get("/todos")
    assert deprecated_field.rpartition(".")[2] in LIST
    kinds = {metric.name: metric for metric in names.METRICS}
    found: dict[str, Labels] = {}
    for metric in receiver.metrics:
        labels: Labels = defaultdict(set)
        for point in data_points(metric):
            for name, value in attributes(point).items():
                labels[name.replace(".", "_")].add(str(value))
        base = prometheus_name(kinds[metric.name])
        if metric.WhichOneof("data") == "histogram":
            labels["le"] = {f"{bound:g}" for point in data_points(metric) for bound in point.explicit_bounds}
            found |= dict.fromkeys((f"{base}_bucket", f"{base}_count", f"{base}_sum"), labels)
        else:
            found[base] = labels
    return found


async def test_every_series_and_label_that_is_asked_for_is_emitted(emitted: dict[str, Labels]) -> None:
    for purpose, expression in EXPRESSIONS.items():
        asked = SERIES.findall(expression)
        assert asked, purpose
        known = OF_EVERY_SERIES.union(*(emitted[name] for name, _ in asked if name in emitted))
        for name, matchers in asked:
            assert name in emitted, f"{purpose} asks for {name}"
            for label, operator, value in MATCHER.findall(matchers):
                assert label in {*emitted[name], *OF_EVERY_SERIES}, f"{purpose} asks for {label} of {name}"
                if operator == "=" and label != "job":
                    values = emitted[name][label] | {outcome.value for outcome in Outcome}
                    assert value in values, f"{purpose} asks for {label}={value}"
        for grouping in GROUPING.findall(expression):
            assert set(re.split(r",\s*", grouping)) <= known, f"{purpose} groups by {grouping}"


def test_the_files_are_what_their_makers_make() -> None:
    made = files()

    assert {path.name for path in DIRECTORY.iterdir()} == {*made, PROVIDER.name}
    for name, content in made.items():
        assert (DIRECTORY / name).read_text() == content, "make dashboards writes them anew"


def test_every_metric_is_looked_at_somewhere() -> None:
    asked = {name for expression in EXPRESSIONS.values() for name, _ in SERIES.findall(expression)}

    for metric in names.METRICS:
        base = prometheus_name(metric)
        assert asked & {base, f"{base}_bucket", f"{base}_count"}, base


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.json")), ids=lambda path: path.stem)
def test_a_panel_says_what_it_shows(path: Path) -> None:
    board = json.loads(path.read_text())

    assert board["uid"] == path.stem
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        assert len(panel["description"]) > 10
        assert panel["type"] in {"alertlist", "logs", "table"} or panel["fieldConfig"]["defaults"]["unit"]


def test_every_alert_says_what_to_do_and_leads_to_a_dashboard() -> None:
    rules = json.loads((DIRECTORY / "alert-rules.yaml").read_text())["groups"][0]["rules"]

    for rule in rules:
        assert rule["annotations"]["description"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert f"{rule['annotations']['__dashboardUid__']}.json" in files()
