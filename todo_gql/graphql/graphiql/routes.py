"""Where browsers find GraphiQL and the REST documentation."""

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from todo_gql.graphql.graphiql.built import DIRECTORY, BuiltFile, find_built_file
from todo_gql.graphql.media import prefers_html

type Endpoint = Callable[[Request], Awaitable[Response]]

_GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Its editor, Monaco, puts style elements into the page; each of its languages is a worker."""

_DOCUMENTATION_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_PAGE_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",  # For browsers that do not know frame-ancestors.
}

# The name of an asset has a hash of its content in it.
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

_NOT_BUILT: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>todo_gql</title>
<h1>This page is not built yet</h1>
<p>Run <code>make explorer</code> in the checkout, and reload.</p>
<p>The service itself is there: GraphQL answers POST at <code>/graphql</code>,
and <a href="/openapi.json">/openapi.json</a> describes REST.</p>
</html>
"""


def asks_for_explorer(request: Request) -> bool:
    """Say whether a GET of /graphql comes from a browser that wants a page, and asks GraphQL nothing."""
    return "query" not in request.query_params and prefers_html(request.headers.get("accept"))


def with_explorer(graphql: Endpoint, directory: Path = DIRECTORY) -> Endpoint:
    """Give an endpoint that shows GraphiQL to browsers, and leaves everything else to `graphql`."""

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await graphql(request)
        if asks_for_explorer(request):
            response = await _page(request, directory / "graphql.html", _GRAPHIQL_POLICY)
        else:
            response = await graphql(request)
        response.headers.add_vary_header("Accept")
        return response

    return answer


def explorer_routes(directory: Path = DIRECTORY) -> list[BaseRoute]:
    """Give the routes of the REST documentation, and of what both pages are made of."""

    async def documentation(request: Request) -> Response:
        return await _page(request, directory / "docs.html", _DOCUMENTATION_POLICY)

    async def asset(request: Request) -> Response:
        gzip = _accepts_gzip(request.headers.get("accept-encoding", ""))
        name = request.path_params["name"]
        built = await run_in_threadpool(find_built_file, directory / "assets", name, gzip=gzip)
        if built is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _response(request, built, _ASSET_HEADERS)

    return [Route("/docs", documentation), Route("/graphql/assets/{name}", asset)]


async def _page(request: Request, path: Path, policy: str) -> Response:
    headers = {**_PAGE_HEADERS, "Content-Security-Policy": policy}
    built = await run_in_threadpool(find_built_file, path.parent, path.name)
    if built is None:
        return HTMLResponse(_NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, {**headers, "Cache-Control": "no-store"})
    return _response(request, built, headers)


def _response(request: Request, built: BuiltFile, headers: Mapping[str, str]) -> Response:
    headers = {**headers, "ETag": built.etag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {built.etag, "*"}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if built.is_gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(built.content, headers=headers, media_type=built.media_type)


def _accepts_gzip(accept_encoding: str) -> bool:
    """Say whether an Accept-Encoding header names gzip, other than to refuse it with `q=0`."""
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accept_encoding, re.IGNORECASE) is not None
