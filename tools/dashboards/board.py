"""Dashboards out of panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tools.dashboards.panels import PROMETHEUS, Panel
from tools.dashboards.queries import UPTIME

TAG: Final = "todo_gql"

_COLUMNS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels beside each other, of the same width."""

    height: int
    panels: Sequence[Panel]


def dashboard(uid: str, title: str, description: str, *rows: Row) -> dict[str, Any]:
    """Lay rows out; every dashboard has the service to choose, and the way to the others."""
    panels: list[Panel] = []
    y = 0
    for row in rows:
        width = _COLUMNS // len(row.panels)
        for index, panel in enumerate(row.panels):
            place = {"x": index * width, "y": y, "w": width, "h": row.height}
            panels.append({"id": len(panels) + 1, "gridPos": place, **panel})
        y += row.height
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": [TAG],
        "schemaVersion": 41,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "links": [{"type": "dashboards", "tags": [TAG], "title": "todo_gql", "asDropdown": False, "keepTime": True}],
        "templating": {"list": [_SERVICE]},
        "panels": panels,
    }


_SERVICE: Final = {
    "name": "job",
    "label": "Service",
    "type": "query",
    "datasource": PROMETHEUS,
    "query": {"query": f"label_values({UPTIME}, job)", "refId": "job"},
    "refresh": 2,
    "sort": 1,
    "current": {"text": "todo-gql", "value": "todo-gql"},
}
