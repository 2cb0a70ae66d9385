"""Relay's own compiler is the judge of object identification and of connections."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.tools.npm import ROOT, installed

pytestmark = pytest.mark.process

HERE = Path(__file__).parent
SCHEMA = (ROOT / "schema.graphql").read_text()


def compile_with(schema: str, directory: Path) -> tuple[int, str]:
    """Compile what is in `relay` against a schema; give the exit code and what the compiler says."""
    project = installed(HERE)
    shutil.copytree(HERE / "relay", directory / "relay")
    (directory / "schema.graphql").write_text(schema)
    # The compiler makes neither of these where they are missing.
    (directory / "artifacts").mkdir()
    (directory / "documents.json").write_text("{}")
    config = {
        "src": "relay",
        "schema": "schema.graphql",
        "language": "typescript",
        "artifactDirectory": "artifacts",
        "persistConfig": {"file": "documents.json", "algorithm": "SHA256"},
        "noSourceControl": True,
    }
    (directory / "relay.config.json").write_text(json.dumps(config))
    done = project.run("relay", started_in=directory)
    return done.returncode, done.stderr


def test_the_schema_obeys_relay(tmp_path: Path) -> None:
    exit_code, said = compile_with(SCHEMA, tmp_path)

    assert exit_code == 0, said
    documents: dict[str, str] = json.loads((tmp_path / "documents.json").read_text())
    assert len(documents) == 6
    for name, document in documents.items():
        assert name == sha256(document.encode()).hexdigest()
        assert validate(build_schema(SCHEMA), parse(document)) == []


@pytest.mark.parametrize(
    ("rule", "instead", "complaint"),
    [
        ("node(id: ID!): Node", "node(key: ID!): Node", "Unknown argument 'id' on field 'Query.node'"),
        ("type Todo implements Node", "type Todo", "('Todo') can never occur for parent type 'Node'"),
        ("hasNextPage: Boolean!", "hasMore: Boolean!", "to expose a 'pageInfo { hasNextPage }' field"),
        ("cursor: String!", "position: String!", "to expose a 'edges { cursor }' field"),
        ("edges: [TodoEdge!]!", "edges: TodoEdge!", "to expose a 'edges' field that returns a list of objects"),
    ],
)
def test_the_compiler_notices_a_broken_rule(tmp_path: Path, rule: str, instead: str, complaint: str) -> None:
    assert rule in SCHEMA

    exit_code, said = compile_with(SCHEMA.replace(rule, instead), tmp_path)

    assert exit_code != 0
    assert complaint in said
