"""`/todos`: the list, whole or in pages, and the creation of todos."""

import math
import re
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from todo_gql.asgi.deadline import within
from todo_gql.asgi.rates import owe
from todo_gql.rest import words
from todo_gql.rest.idempotency import read_key
from todo_gql.rest.json_body import is_json, read_json
from todo_gql.rest.parsing import LEGACY_MEMBERS, parse_todo
from todo_gql.rest.preconditions import EntityTags
from todo_gql.rest.presenter import JSON, TODO, creation_response, encode, in_ascii
from todo_gql.rest.problems import Refused, TransportCode
from todo_gql.todos.commands import Create
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.service import Todos
from todo_gql.todos.texts import Listed

MAX_LIMIT: Final = 1000
ACCEPT_POST: Final = {"Accept-Post": "application/json"}

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


class _Stream(StreamingResponse):
    """Streams until the client leaves, without anyio, which Starlette loads when it streams: 80 ms, the first time."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer one request. Raises ClientDisconnect."""
        await within(math.inf, self.stream_response(send), for_client=receive)


class Collection:
    """The handlers of `/todos`.

    Args:
        todos_of: Gives the todos of whoever sent a request.
        batch_s: How long each batch of the whole list may take to be read.
    """

    def __init__(self, todos_of: Callable[[Request], Todos], *, batch_s: float) -> None:
        self._todos_of = todos_of
        self._batch_s = batch_s

    async def read(self, request: Request) -> Response:
        """List the todos: all of them, or a page when `limit` or `cursor` is given."""
        todos = self._todos_of(request)
        page = _page_request(request.query_params)
        needs_no_todos = request.method == "HEAD" and page is None
        if needs_no_todos or "if-none-match" in request.headers:
            tag = await todos.log.tag()
            if _has(request.headers, tag):
                return Response(status_code=304, headers=_tagged(tag))
            if needs_no_todos:
                return _head(tag)
        if page is not None:
            return _page(await todos.texts.oldest(page, TODO, max_size=MAX_LIMIT))
        batches = todos.texts.stream(TODO)
        # Read before the answer begins: a database that is away is still a 503 then.
        first = await anext(batches)
        return _Stream(_array(first, batches, self._batch_s), headers=_tagged(first.tag), media_type=JSON)

    async def create(self, request: Request) -> Response:
        """Create a todo; under an Idempotency-Key, once."""
        key = read_key(request.headers)
        value = await read_json(request, is_json, otherwise=ACCEPT_POST)
        if not value:
            raise Refused(TransportCode.BAD_REQUEST, words.NO_INPUT)
        body = parse_todo(value, known=LEGACY_MEMBERS)
        todos = self._todos_of(request)
        with body.refusals():
            operation = Create(draft=body.draft())
            if key is not None:
                answer = await todos.create_once(operation, key=key, present=encode)
                return creation_response(answer.text, is_replayed=answer.is_replayed)
            created = await todos.execute(operation)
        todo_id = created.todo.id
        # One that was there already may have got some since.
        may_depend = bool(operation.draft.dependencies) or not created.is_new
        dependency_ids = (await todos.neighbours.dependency_ids([todo_id]))[todo_id] if may_depend else ()
        return creation_response(encode(created.todo, dependency_ids))


def _page_request(parameters: QueryParams) -> PageRequest | None:
    limit, cursor = _only(parameters, "limit"), _only(parameters, "cursor")
    if limit is None and cursor is None:
        return None
    if limit is not None and not (_NUMBER.fullmatch(limit) and 1 <= int(limit) <= MAX_LIMIT):
        raise Refused(TransportCode.BAD_REQUEST, f"`limit` is from 1 to {MAX_LIMIT}.")
    return PageRequest(first=None if limit is None else int(limit), after=cursor)


def _only(parameters: QueryParams, name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        raise Refused(TransportCode.BAD_REQUEST, f"`{name}` can be given once.")
    return values[0] if values else None


def _has(headers: Headers, tag: str) -> bool:
    """Say whether the caller has this state of the list; the old service took no notice of malformed tags."""
    try:
        tags = EntityTags.parse("if-none-match", headers)
    except Refused:
        return False
    return tags is not None and tags.has(tag)


def _page(listed: Listed) -> Response:
    headers = _tagged(listed.tag)
    if listed.next_cursor is not None:
        # Neither needs escaping.
        headers["Link"] = f'</todos?limit={len(listed.texts)}&cursor={listed.next_cursor}>; rel="next"'
    return Response(b"[" + _elements(listed) + b"]\n", 200, headers, JSON)


async def _array(first: Listed, rest: AsyncIterator[Listed], batch_s: float) -> AsyncIterator[bytes]:
    """Write one JSON array.

    An error in the middle leaves it open, so that no one takes it for the whole list; such an error is TimeoutError
    when a batch is not there in time.
    """
    yield b"[" + _elements(first)
    while batch := await within(batch_s, anext(rest, None)):
        if batch.texts:
            yield b"," + _elements(batch)
    yield b"]\n"


def _elements(listed: Listed) -> bytes:
    owe(len(listed.texts))
    return in_ascii(",".join(listed.texts)).encode()


def _head(tag: str) -> Response:
    response = Response(headers=_tagged(tag), media_type=JSON)
    del response.headers["Content-Length"]  # That of GET, which is not known beforehand; it is not 0.
    return response


def _tagged(tag: str) -> dict[str, str]:
    return {"ETag": f'W/"{tag}"'}
