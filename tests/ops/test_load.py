"""The load of docker-compose.yml."""

import random
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from graphql import build_schema, parse, validate

from ops.tools.load import COMPLETE, CREATE, DELETE, LIST, NEXT, Caller
from tests import loopback
from tests.process import serving
from tests.tools.npm import ROOT

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


@pytest.mark.parametrize("document", [CREATE, COMPLETE, DELETE, LIST, NEXT], ids=lambda document: document.split()[1])
def test_its_documents_are_valid(document: str) -> None:
    assert validate(SCHEMA, parse(document)) == []


@pytest.mark.process
def test_it_creates_and_completes_todos_and_complains_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random.seed(1)
    with serving(tmp_path) as service:
        address = httpx.URL(service.url)
        with closing(Caller(address.host, address.port or 0)) as caller:
            for _ in range(100):
                caller.act()
        todos = loopback.get(f"{service.url}/todos").json()

    assert {todo["completed"] for todo in todos} == {True, False}
    assert capsys.readouterr().err == ""
