"""Grafana panels, as the JSON that Grafana keeps of them (its "dashboard JSON model")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

# The datasources of grafana/otel-lgtm have these uids.
PROMETHEUS: Final = {"type": "prometheus", "uid": "prometheus"}
LOKI: Final = {"type": "loki", "uid": "loki"}
TEMPO: Final = {"type": "tempo", "uid": "tempo"}

Panel = dict[str, Any]
Steps = Sequence[tuple[float | None, str]]

_NEUTRAL: Final[Steps] = ((None, "text"),)


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL query; durations of requests have exemplars, which lead from a point to a trace."""

    expr: str
    legend: str = ""
    has_exemplars: bool = False


def graph(
    title: str, description: str, *queries: Query, unit: str, steps: Steps = _NEUTRAL, stacked: bool = False
) -> Panel:
    """Draw values over time; with steps, the areas that are bad are shaded."""
    shaded = {"thresholdsStyle": {"mode": "area"}} if steps is not _NEUTRAL else {}
    stacking = {"stacking": {"mode": "normal"}, "fillOpacity": 30} if stacked else {"fillOpacity": 0}
    return _panel(
        "timeseries",
        title,
        description,
        PROMETHEUS,
        [_target(query, letter) for query, letter in zip(queries, "ABCDEF", strict=False)],
        {"unit": unit, "min": 0, "custom": {"showPoints": "never", **stacking, **shaded}, **_thresholds(steps)},
        {
            "legend": {"displayMode": "table", "placement": "right", "calcs": ["mean", "max"], "sortBy": "Max"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    )


def stat(title: str, description: str, query: Query, *, unit: str, steps: Steps, decimals: int | None = None) -> Panel:
    """Show one number, coloured by how good it is."""
    return _panel(
        "stat",
        title,
        description,
        PROMETHEUS,
        [{**_target(query, "A"), "instant": True, "range": False}],
        {"unit": unit, "noValue": "no data", **_decimals(decimals), **_thresholds(steps)},
        {"colorMode": "background", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}},
    )


def table(title: str, description: str, query: Query, *, unit: str) -> Panel:
    """List values of now, the largest first."""
    target = {**_target(query, "A"), "instant": True, "range": False, "format": "table"}
    panel = _panel("table", title, description, PROMETHEUS, [target], {"unit": unit}, {})
    panel["transformations"] = [
        {"id": "organize", "options": {"excludeByName": {"Time": True}}},
        {"id": "sortBy", "options": {"sort": [{"field": "Value", "desc": True}]}},
    ]
    return panel


def logs(title: str, description: str, expr: str) -> Panel:
    """List log records."""
    target = {"refId": "A", "datasource": LOKI, "expr": expr, "queryType": "range"}
    options = {"showTime": True, "wrapLogMessage": True, "enableLogDetails": True, "sortOrder": "Descending"}
    return _panel("logs", title, description, LOKI, [target], {}, options)


def log_graph(title: str, description: str, expr: str, legend: str) -> Panel:
    """Draw numbers of log records over time."""
    target = {"refId": "A", "datasource": LOKI, "expr": expr, "legendFormat": legend, "queryType": "range"}
    drawing = {"custom": {"drawStyle": "bars", "stacking": {"mode": "normal"}, "fillOpacity": 80}}
    return _panel("timeseries", title, description, LOKI, [target], {"unit": "short", "min": 0, **drawing}, {})


def traces(title: str, description: str, traceql: str) -> Panel:
    """List traces; each opens on a click."""
    target = {
        "refId": "A",
        "datasource": TEMPO,
        "queryType": "traceql",
        "query": traceql,
        "limit": 20,
        "tableType": "traces",
    }
    return _panel("table", title, description, TEMPO, [target], {}, {})


def alerts(title: str, description: str) -> Panel:
    """List the alerts that fire."""
    options = {"alertName": "", "stateFilter": {"firing": True, "pending": True}, "folder": {"title": "todo_gql"}}
    return {**_panel("alertlist", title, description, PROMETHEUS, [], {}, options), "targets": []}


def _panel(
    kind: str,
    title: str,
    description: str,
    datasource: dict[str, str],
    targets: Sequence[Panel],
    defaults: Panel,
    options: Panel,
) -> Panel:
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": datasource,
        "targets": list(targets),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }


def _target(query: Query, letter: str) -> Panel:
    return {
        "refId": letter,
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        **({"exemplar": True} if query.has_exemplars else {}),
    }


def _decimals(decimals: int | None) -> Panel:
    return {} if decimals is None else {"decimals": decimals}


def _thresholds(steps: Steps) -> Panel:
    return {"thresholds": {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}}
