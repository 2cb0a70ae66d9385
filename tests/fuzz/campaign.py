"""schemathesis against the service in a process of its own: what it describes of itself is tried out."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.process import Service

_HERE: Final = Path(__file__).parent

TARGETS: Final = {
    # Apart: with both at once schemathesis 4.32 holds the wrong value that it has just tried for a right one.
    "REST, what is right": ("/openapi.json", "--mode=positive"),
    "REST, what is wrong": ("/openapi.json", "--mode=negative"),
    # The schema cannot say that `first` goes to 100, nor what a token is; such arguments are errors beside the data.
    "GraphQL": ("/graphql", "--exclude-checks=positive_data_acceptance"),
}


@dataclass(frozen=True)
class Report:
    """What was found: by schemathesis, and in the log of the service."""

    succeeded: bool
    text: str
    faults: list[str]


def run_campaign(service: Service, target: str, directory: Path, *options: str) -> Report:
    """Try out what the service describes; schemathesis keeps in the directory what it has found."""
    path, *others = TARGETS[target]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
            *("--config-file", str(_HERE / "schemathesis.toml")),
            *("run", f"{service.url}{path}", "--continue-on-failure", "--warnings=off", "--proxy="),
            *others,
            *options,
        ],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [line for line in service.said if " ERROR " in line or line.startswith("Traceback")]
    return Report(succeeded=done.returncode == 0, text=done.stdout + done.stderr, faults=faults)
