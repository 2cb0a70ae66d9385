"""`/todos/{id}`: one todo."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from todo_gql.rest.json_body import is_json, is_merge_patch, read_json
from todo_gql.rest.parsing import READ_ONLY_MEMBERS, WRITABLE_MEMBERS, parse_todo
from todo_gql.rest.preconditions import Preconditions, entity_tag
from todo_gql.rest.presenter import TODO, creation_response, encode, in_ascii, todo_response, version_in
from todo_gql.rest.problems import Refused, TransportCode
from todo_gql.todos.commands import TodoPatch
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Created, Todo, TodoId
from todo_gql.todos.problems import NotFound
from todo_gql.todos.service import Todos

ACCEPT_PATCH: Final = {"Accept-Patch": "application/json, application/merge-patch+json"}
_ACCEPT_PUT: Final = {"Accept": "application/json"}
_MEMBERS: Final = frozenset({*WRITABLE_MEMBERS, *READ_ONLY_MEMBERS})


class Item:
    """The handlers of `/todos/{id}`.

    Args:
        todos_of: Gives the todos of whoever sent a request.
        require_if_match: Whether writes must name a version.
    """

    def __init__(self, todos_of: Callable[[Request], Todos], *, require_if_match: bool) -> None:
        self._todos_of = todos_of
        self._require_if_match = require_if_match

    async def read(self, request: Request) -> Response:
        """Answer the todo, or 304 when the caller has this version of it."""
        todo_id = _id(request)
        preconditions = Preconditions.of(request.headers)
        text = await self._todos_of(request).texts.todo(todo_id, TODO, {})
        if text == "null":
            raise NotFound(todo_id)
        version = version_in(text)
        if not preconditions.check_read(version):
            return Response(status_code=304, headers={"ETag": entity_tag(version)})
        return todo_response(in_ascii(text))

    async def replace(self, request: Request) -> Response:
        """Replace the todo, or create it under the id of the path."""
        todo_id = _id(request)
        preconditions = self._preconditions_of_write(request)
        body = parse_todo(await read_json(request, is_json, otherwise=_ACCEPT_PUT), known=_MEMBERS, todo_id=todo_id)

        def make_patch(todo: Todo, dependency_ids: tuple[TodoId, ...]) -> TodoPatch:
            preconditions.check_write(todo)
            return body.replacement(todo, dependency_ids)

        todos = self._todos_of(request)
        with body.refusals():
            if preconditions.if_match is not None or body.is_of_stored_todo:
                return todo_response(await _write(todos, (await todos.revise(todo_id, make_patch)).todo))
            done = await todos.put(todo_id, body.draft(), make_patch)
        text = await _write(todos, done.todo)
        return creation_response(text) if isinstance(done, Created) else todo_response(text)

    async def modify(self, request: Request) -> Response:
        """Change what the body mentions."""
        todo_id = _id(request)
        preconditions = self._preconditions_of_write(request)
        value = await read_json(request, is_merge_patch, otherwise=ACCEPT_PATCH)
        body = parse_todo(value, known=_MEMBERS, todo_id=todo_id)

        def make_patch(todo: Todo, dependency_ids: tuple[TodoId, ...]) -> TodoPatch:
            preconditions.check_write(todo)
            return body.patch(todo, dependency_ids)

        todos = self._todos_of(request)
        with body.refusals():
            return todo_response(await _write(todos, (await todos.revise(todo_id, make_patch)).todo))

    async def delete(self, request: Request) -> Response:
        """Move the todo to the trash."""
        todo_id = _id(request)
        preconditions = self._preconditions_of_write(request)
        await self._todos_of(request).delete(todo_id, preconditions.check_write)
        return Response(status_code=204)

    def _preconditions_of_write(self, request: Request) -> Preconditions:
        preconditions = Preconditions.of(request.headers)
        if self._require_if_match and preconditions.if_match is None and not preconditions.create_only:
            raise Refused(
                TransportCode.PRECONDITION_REQUIRED, "Name the version that you have seen: If-Match with its ETag."
            )
        return preconditions


def _id(request: Request) -> str:
    """Take the id from the path: malformed, it is unknown, whatever else may be wrong with the request."""
    todo_id = str(request.path_params["id"])
    if parse_todo_id(todo_id) is None:
        raise NotFound(todo_id)
    return todo_id


async def _write(todos: Todos, todo: Todo) -> str:
    return encode(todo, (await todos.neighbours.dependency_ids([todo.id]))[todo.id])
