"""The owners of the service have chosen some of its packages."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECLARED = {
    re.split(r"[\[<>=]", dependency)[0]
    for dependency in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
}


@pytest.mark.parametrize(
    "package",
    [
        "strawberry-graphql",
        "starlette",
        "uvicorn",
        "sqlalchemy",
        "asyncpg",
        "opentelemetry-instrumentation-starlette",
        "opentelemetry-instrumentation-sqlalchemy",
        "opentelemetry-exporter-otlp",
    ],
)
def test_it_is_declared(package: str) -> None:
    assert package in DECLARED
