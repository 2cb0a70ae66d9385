import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.graphql.client import GraphQLClient
from tests.server import serving
from todo_gql.graphql.graphiql.built import find_built_file
from todo_gql.graphql.graphiql.routes import explorer_routes, with_explorer

# What Chromium and Firefox send for a page.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
SCRIPT = "/graphql/assets/graphql-C0ffee00.js"
TABS = {path.stem: path.read_text() for path in (Path(__file__).parents[2] / "explorer/src/tabs").iterdir()}
# Those that end; tests/browser follows the one that does not.
ANSWERED = {name: document for name, document in TABS.items() if "subscription " not in document}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A directory as `make explorer` leaves it."""
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "graphql.html").write_text("<title>GraphiQL</title>")
    (tmp_path / "docs.html").write_text("<title>REST</title>")
    (assets / "graphql-C0ffee00.js").write_text("show()")
    (assets / "graphql-C0ffee00.js.gz").write_bytes(gzip.compress(b"show()"))
    (assets / "graphql-C0ffee00.css").write_text("body {}")
    (assets / "notes.txt").write_text("not for the web")
    return tmp_path


async def graphql(request: Request) -> Response:
    return JSONResponse({"answered": request.method})


def application(directory: Path) -> Starlette:
    endpoint = with_explorer(graphql, directory)
    return Starlette(routes=[Route("/graphql", endpoint, methods=["GET", "POST"]), *explorer_routes(directory)])


@pytest.fixture
async def http(built: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(application(built)) as client:
        yield client


async def test_a_browser_is_shown_the_explorer(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql", headers=BROWSER)

    assert answer.status_code == 200
    assert answer.text == "<title>GraphiQL</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("method", "target", "accept"),
    [
        pytest.param("GET", "/graphql", "*/*", id="curl"),
        pytest.param("GET", "/graphql", "application/json", id="json"),
        pytest.param("GET", "/graphql?query={service{version}}", BROWSER["Accept"], id="query-in-address-bar"),
        pytest.param("POST", "/graphql", BROWSER["Accept"], id="post"),
    ],
)
async def test_everything_else_is_answered_by_graphql(
    http: httpx.AsyncClient, method: str, target: str, accept: str
) -> None:
    answer = await http.request(method, target, headers={"Accept": accept})

    assert answer.json() == {"answered": method}


async def test_what_graphql_answers_to_a_get_is_not_cached_for_browsers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql")

    assert answer.headers["vary"] == "Accept"


async def test_the_rest_documentation_needs_no_inline_styles(http: httpx.AsyncClient) -> None:
    answer = await http.get("/docs")

    assert answer.text == "<title>REST</title>"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("target", ["/graphql", "/docs", SCRIPT])
async def test_head_is_answered_like_get_without_the_body(http: httpx.AsyncClient, target: str) -> None:
    got = await http.get(target, headers=BROWSER)

    answer = await http.head(target, headers=BROWSER)

    assert answer.content == b""
    # Both were sent at their own time.
    assert {**answer.headers, "date": ""} == {**got.headers, "date": ""}


@pytest.mark.parametrize("target", ["/graphql", "/docs", SCRIPT])
async def test_what_a_browser_has_already_is_not_sent_again(http: httpx.AsyncClient, target: str) -> None:
    etag = (await http.get(target, headers=BROWSER)).headers["etag"]

    answer = await http.get(target, headers={**BROWSER, "If-None-Match": f'"older", W/{etag}'})

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == etag


async def test_a_page_that_was_built_anew_is_sent_again(http: httpx.AsyncClient, built: Path) -> None:
    etag = (await http.get("/docs")).headers["etag"]
    (built / "docs.html").write_text("<title>Newer</title>")

    answer = await http.get("/docs", headers={"If-None-Match": etag})

    assert answer.text == "<title>Newer</title>"


async def test_assets_are_kept_for_good(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql/assets/graphql-C0ffee00.css")

    assert answer.text == "body {}"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accept_encoding", "content_encoding"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("br;q=1.0, GZIP;q=0.5", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0", None),
        ("br, gzip; q=0.000, deflate", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_assets_are_compressed_for_those_who_ask(
    http: httpx.AsyncClient, accept_encoding: str, content_encoding: str | None
) -> None:
    answer = await http.get(SCRIPT, headers={"Accept-Encoding": accept_encoding})

    assert answer.text == "show()"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers.get("content-encoding") == content_encoding
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_the_two_encodings_have_tags_of_their_own(http: httpx.AsyncClient) -> None:
    plain = await http.get(SCRIPT, headers={"Accept-Encoding": "identity"})
    compressed = await http.get(SCRIPT, headers={"Accept-Encoding": "gzip"})

    assert plain.headers["etag"] != compressed.headers["etag"]


@pytest.mark.parametrize(
    "name",
    [
        "unknown.js",
        "notes.txt",
        "graphql-C0ffee00.js.gz",
        "%2e%2e",
        "%2e%2e%2fgraphql.html",
        "..%2fgraphql.html",
        "..%5cgraphql.html",
        "%00.js",
        "x" * 5000 + ".js",
    ],
)
async def test_nothing_but_assets_is_found_among_them(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/graphql/assets/{name}")

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["../graphql.html", "./graphql-C0ffee00.js", "/etc/hostname.js", "\0.js", ""])
def test_a_name_leads_out_of_no_directory(built: Path, name: str) -> None:
    assert find_built_file(built / "assets", name) is None


@pytest.mark.parametrize("target", ["/graphql", "/docs"])
async def test_a_checkout_without_the_pages_says_how_to_build_them(tmp_path: Path, target: str) -> None:
    async with serving(application(tmp_path / "missing")) as http:
        answer = await http.get(target, headers=BROWSER)

    assert answer.status_code == 503
    assert "<code>make explorer</code>" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_graphql_is_answered_without_the_pages(tmp_path: Path) -> None:
    async with serving(application(tmp_path / "missing")) as http:
        answer = await http.post("/graphql")

    assert answer.json() == {"answered": "POST"}


@pytest.mark.parametrize("document", ANSWERED.values(), ids=ANSWERED)
async def test_every_ready_made_document_is_answered_without_a_refusal(client: GraphQLClient, document: str) -> None:
    answer = await client.send(document)

    assert list(answer) == ["data"]
    assert "'code'" not in str(answer)
