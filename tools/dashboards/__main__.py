"""Write ops/dashboards anew: `make dashboards`."""

import json
from pathlib import Path
from typing import Any, Final

from tools.dashboards.alert_rules import provisioning
from tools.dashboards.evidence import evidence
from tools.dashboards.faces import graphql, rest
from tools.dashboards.insides import database, runtime
from tools.dashboards.kubernetes import NAME, kustomization
from tools.dashboards.overview import overview

DIRECTORY: Final = Path(__file__).parents[2] / "ops" / "dashboards"
PROVIDER: Final = DIRECTORY / "provider.yaml"
"""The one file there that is written by hand."""


def files() -> dict[str, str]:
    """Give the content of each file by its name."""
    # YAML, which Grafana wants of alert rules, takes JSON as it is.
    made: dict[str, dict[str, Any]] = {"alert-rules.yaml": provisioning()}
    for board in (overview(), graphql(), rest(), database(), runtime(), evidence()):
        made[f"{board['uid']}.json"] = board
    texts = {name: json.dumps(content, indent=2) + "\n" for name, content in made.items()}
    return {**texts, NAME: kustomization({**texts, PROVIDER.name: PROVIDER.read_text()})}


if __name__ == "__main__":
    for file_name, text in files().items():
        (DIRECTORY / file_name).write_text(text)
