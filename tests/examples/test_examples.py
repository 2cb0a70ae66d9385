"""The examples are run as their READMEs say, against the real service."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.process import serving
from tests.tools.npm import ROOT, installed

pytestmark = pytest.mark.process

EXAMPLES = ROOT / "examples"
PRINTED = """\
created: Buy flour
created: Knead the dough, which has to wait
created: Bake the bread, which has to wait
refused: input.title: The title is blank.
page: Buy flour, Knead the dough
page: Bake the bread
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path) as service:
        yield service.url


# A proxy of the environment is not for loopback.
ENVIRONMENT = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def output_of(*command: str | Path) -> str:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_typescript_and_the_documents_it_makes_known(url: str) -> None:
    directory = EXAMPLES / "typescript"
    project = installed(directory)

    built = project.run("build")
    started = project.run("start", url)

    assert built.returncode == 0, built.stdout + built.stderr
    assert (started.stdout, started.stderr) == (PRINTED, "")
    documents: dict[str, str] = json.loads((directory / "src/gql/persisted-documents.json").read_text())
    assert len(documents) == 2
    for name, document in documents.items():
        assert name == f"sha256:{sha256(document.encode()).hexdigest()}"
        assert validate(build_schema((ROOT / "schema.graphql").read_text()), parse(document)) == []


def test_python(url: str) -> None:
    assert output_of(sys.executable, EXAMPLES / "python/main.py", url) == PRINTED


def test_curl(url: str) -> None:
    answers = [json.loads(line)["data"] for line in output_of(EXAMPLES / "curl/bread.sh", url).splitlines()]

    cursor = answers[3]["todos"]["pageInfo"].pop("endCursor")
    assert cursor
    assert answers[4]["todos"]["pageInfo"].pop("endCursor") != cursor
    assert answers == [
        {"todoCreate": {"__typename": "TodoCreated", "todo": {"title": "Buy flour"}}},
        {"todoCreate": {"__typename": "TodoCreated", "todo": {"title": "Bake bread"}}},
        {"todo": {"title": "Bake bread", "isBlocked": True, "dependencies": [{"title": "Buy flour"}]}},
        {"todos": {"nodes": [{"title": "Buy flour"}], "pageInfo": {"hasNextPage": True}}},
        {"todos": {"nodes": [{"title": "Bake bread"}], "pageInfo": {"hasNextPage": False}}},
        {
            "todoComplete": {
                "__typename": "TodoUpdated",
                "todo": {"title": "Bake bread", "status": "COMPLETED"},
                "alsoCompleted": [{"title": "Buy flour"}],
            }
        },
        {
            "todoUpdate": {
                "__typename": "VersionConflictProblem",
                "code": "VERSION_CONFLICT",
                "message": "Expected version 1, but the todo is at version 2.",
                "current": {"status": "COMPLETED", "version": 2},
                "conflictingFields": ["status"],
            }
        },
    ]


def test_curl_can_be_run_again(url: str) -> None:
    output_of(EXAMPLES / "curl/bread.sh", url)

    again = [json.loads(line)["data"] for line in output_of(EXAMPLES / "curl/bread.sh", url).splitlines()]

    assert [answer["todos"]["nodes"] for answer in again if "todos" in answer] == [
        [{"title": "Buy flour"}],
        [{"title": "Bake bread"}],
    ]
