"""`/todos`: the list, whole or in pages, and the creation of todos."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from todo_gql.asgi.deadline import within
from todo_gql.asgi.rates import owe
from todo_gql.rest import words
from todo_gql.rest.idempotency import read_key
from todo_gql.rest.json_body import is_json, read_json
from todo_gql.rest.parsing import LEGACY_MEMBERS, parse_todo
from todo_gql.rest.preconditions import EntityTags
from todo_gql.rest.presenter import JSON, creation_response, encode
from todo_gql.rest.problems import Refused, TransportCode
from todo_gql.todos.commands import Create
from todo_gql.todos.model import Todo, TodoId
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.service import Todos

MAX_LIMIT: Final = 1000
ACCEPT_POST: Final = {"Accept-Post": "application/json"}

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


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
        # Before the todos: a tag that is older than what it stands beside is mended by the next request.
        tag = await todos.log.tag()
        headers = {"ETag": f'W/"{tag}"'}
        if _has(request.headers, tag):
            return Response(status_code=304, headers=headers)
        if page is not None:
            return await _page(todos, page, headers)
        if request.method == "HEAD":
            return _head(headers)
        chunks = _array(todos)
        # Read before the answer begins: a database that is away is still a 503 then.
        first = await anext(chunks)
        return StreamingResponse(_resume(first, chunks, self._batch_s), headers=headers, media_type=JSON)

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
                answer = await todos.create_once(operation, key=key, present=_write)
                return creation_response(answer.text, is_replayed=answer.is_replayed)
            created = await todos.execute(operation)
        todo_id = created.todo.id
        # One that was there already may have got some since.
        may_depend = bool(operation.draft.dependencies) or not created.is_new
        dependency_ids = (await todos.neighbours.dependency_ids([todo_id]))[todo_id] if may_depend else ()
        return creation_response(_write(created.todo, dependency_ids))


def _write(todo: Todo, dependency_ids: Sequence[TodoId]) -> str:
    return encode(todo, dependency_ids).decode()


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


async def _page(todos: Todos, request: PageRequest, headers: Mapping[str, str]) -> Response:
    page = await todos.page(request, max_size=MAX_LIMIT)
    if page.has_more:
        query = urlencode({"limit": page.window.size, "cursor": page.cursor(page.todos[-1])})
        headers = {**headers, "Link": f'</todos?{query}>; rel="next"'}
    return Response(b"[" + await _elements(todos, page.todos) + b"]\n", 200, headers, JSON)


async def _array(todos: Todos) -> AsyncIterator[bytes]:
    """Write one JSON array; an error in the middle leaves it open, so that no one takes it for the whole list."""
    opening = b"["
    async for batch in todos.stream():
        yield opening + await _elements(todos, batch)
        opening = b","
    yield b"]\n" if opening == b"," else b"[]\n"


async def _elements(todos: Todos, batch: tuple[Todo, ...]) -> bytes:
    owe(len(batch))
    dependency_ids = await todos.neighbours.dependency_ids([todo.id for todo in batch])
    return b",".join(encode(todo, dependency_ids[todo.id]) for todo in batch)


async def _resume(first: bytes, rest: AsyncIterator[bytes], batch_s: float) -> AsyncIterator[bytes]:
    """Go on; TimeoutError cuts the answer off when a batch is not there in time."""
    chunk: bytes | None = first
    while chunk is not None:
        yield chunk
        chunk = await within(batch_s, anext(rest, None))


def _head(headers: Mapping[str, str]) -> Response:
    response = Response(headers=headers, media_type=JSON)
    del response.headers["Content-Length"]  # That of GET, which is not known beforehand; it is not 0.
    return response
