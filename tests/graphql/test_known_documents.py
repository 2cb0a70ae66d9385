"""Documents that the service knows beforehand."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import call
from tests.server import running, settings_for

KNOWN = "query Titles { todos { nodes { title } } }"
KNOWN_HASH = sha256(KNOWN.encode()).hexdigest()
OTHER = "query Ids { todos { nodes { id } } }"
ANSWER: dict[str, Any] = {"data": {"todos": {"nodes": []}}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "persisted-documents.json"
    path.write_text(json.dumps({KNOWN_HASH: KNOWN}))
    return path


async def ask(database_url: str, request: dict[str, Any], **settings: object) -> httpx.Response:
    async with running(settings_for(database_url, **settings)) as http:
        return await http.post("/graphql", json=request, headers={"Accept": "application/graphql-response+json"})


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("policy", ["known", "only"])
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"documentId": KNOWN_HASH}, id="id"),
        pytest.param({"documentId": f"sha256:{KNOWN_HASH.upper()}"}, id="id with the name of the hash"),
        pytest.param({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": KNOWN_HASH}}}, id="Apollo's"),
        pytest.param({"query": KNOWN}, id="text"),
        pytest.param({"query": KNOWN, "documentId": KNOWN_HASH}, id="both"),
    ],
)
async def test_a_known_document_is_answered(
    database_url: str, manifest: Path, policy: str, request_: dict[str, Any]
) -> None:
    response = await ask(database_url, request_, graphql_documents=policy, graphql_documents_path=manifest)

    assert (response.status_code, response.json()) == (200, ANSWER)


async def test_a_known_document_is_answered_to_get(database_url: str, manifest: Path) -> None:
    settings = settings_for(database_url, graphql_documents="only", graphql_documents_path=manifest)
    async with running(settings) as http:
        response = await http.get("/graphql", params={"documentId": KNOWN_HASH})

    assert response.json() == ANSWER


async def test_no_limit_of_documents_is_for_a_known_one(database_url: str, manifest: Path) -> None:
    limited = {"graphql_documents_path": manifest, "limit_depth": 2}

    known = await ask(database_url, {"query": KNOWN}, graphql_documents="known", **limited)
    unknown = await ask(database_url, {"query": KNOWN}, graphql_documents="open", **limited)

    assert known.json() == ANSWER
    assert unknown.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_TOO_COSTLY"


async def test_others_are_answered_beside_known_ones(database_url: str, manifest: Path) -> None:
    response = await ask(database_url, {"query": OTHER}, graphql_documents="known", graphql_documents_path=manifest)

    assert response.json() == ANSWER


@pytest.mark.parametrize("request_", [{"query": OTHER}, {"documentId": "0" * 64}, {"query": "{"}, {"query": ""}])
async def test_others_are_refused_where_only_known_ones_are_answered(
    database_url: str, manifest: Path, request_: dict[str, Any]
) -> None:
    response = await ask(database_url, request_, graphql_documents="only", graphql_documents_path=manifest)

    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNKNOWN_DOCUMENT"]


async def test_an_id_is_refused_where_no_document_is_known(database_url: str) -> None:
    response = await ask(database_url, {"documentId": KNOWN_HASH})

    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNKNOWN_DOCUMENT"]


async def test_a_hash_that_is_not_that_of_the_text_is_refused(database_url: str, manifest: Path) -> None:
    request = {"query": OTHER, "documentId": KNOWN_HASH}

    response = await ask(database_url, request, graphql_documents="known", graphql_documents_path=manifest)

    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_REQUEST"]


async def test_a_directory_of_documents_is_read(database_url: str, tmp_path: Path) -> None:
    directory = tmp_path / "documents"
    (directory / "more").mkdir(parents=True)
    (directory / "more/titles.graphql").write_text(KNOWN)

    response = await ask(
        database_url, {"documentId": KNOWN_HASH}, graphql_documents="only", graphql_documents_path=directory
    )

    assert response.json() == ANSWER


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "documents.json cannot be read: No such file or directory."),
        ("[", "documents.json is not JSON in UTF-8: "),
        ("[]", "documents.json is not a JSON object of hashes and documents."),
        (
            '{"md5:00": "{ __typename }"}',
            "documents.json has an entry that is no SHA-256 hash with a document: let the compiler use that algorithm.",
        ),
        (json.dumps({"0" * 64: "{"}), f"The document {'0' * 64} is not GraphQL: "),
        (json.dumps({"0" * 64: "{ old }"}), f"The document {'0' * 64} does not fit the schema: "),
    ],
    ids=["no file", "no JSON", "no object", "another hash", "no GraphQL", "another schema"],
)
def test_documents_that_cannot_be_used_are_one_sentence_at_the_start(
    database_url: str, tmp_path: Path, content: str | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "documents.json").write_text(content)

    done = call(
        tmp_path,
        "serve",
        APP_PORT="0",
        APP_DATABASE_URL=database_url,
        APP_GRAPHQL_DOCUMENTS="only",
        APP_GRAPHQL_DOCUMENTS_PATH="documents.json",
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"todo-gql: APP_GRAPHQL_DOCUMENTS_PATH cannot be used. {reason}")
    assert done.stderr.count("\n") == 1


def test_the_place_of_known_documents_must_be_told(database_url: str, tmp_path: Path) -> None:
    done = call(tmp_path, "serve", APP_PORT="0", APP_DATABASE_URL=database_url, APP_GRAPHQL_DOCUMENTS="known")

    assert (done.returncode, done.stderr) == (
        2,
        "todo-gql: APP_GRAPHQL_DOCUMENTS_PATH cannot be used. It must say where the known documents are.\n",
    )
