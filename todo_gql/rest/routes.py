"""The routes of the REST layer."""

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from todo_gql.asgi.deadline import Deadlines
from todo_gql.rest.collection import ACCEPT_POST, Collection
from todo_gql.rest.item import ACCEPT_PATCH, Item
from todo_gql.rest.openapi import openapi_document
from todo_gql.rest.presenter import JSON
from todo_gql.rest.resource import Resource
from todo_gql.todos.service import Todos


def rest_routes(
    todos_of: Callable[[Request], Todos],
    *,
    require_if_match: bool,
    deadlines: Deadlines,
    fault_injection: bool,
    version: str,
) -> list[BaseRoute]:
    """Make the routes of `/todos` and of their description.

    Args:
        todos_of: Gives the todos of whoever sent a request.
        require_if_match: Whether writes to one todo must name a version.
        deadlines: How long a request may take, and each batch of a long answer.
        fault_injection: Whether `?simulate_error=500` raises an exception that nothing handles.
        version: Of the service, for the description.
    """
    collection = Collection(todos_of, batch_s=deadlines.read_s)
    item = Item(todos_of, require_if_match=require_if_match)
    description = json.dumps(openapi_document(version)).encode()

    async def describe(_request: Request) -> Response:
        return Response(description, media_type=JSON)

    return [
        Route(
            "/todos",
            Resource(
                {"GET": collection.read, "POST": collection.create},
                options=ACCEPT_POST,
                deadlines=deadlines,
                fault_injection=fault_injection,
            ),
        ),
        Route(
            "/todos/{id}",
            Resource(
                {"GET": item.read, "PUT": item.replace, "PATCH": item.modify, "DELETE": item.delete},
                options=ACCEPT_PATCH,
                deadlines=deadlines,
                fault_injection=fault_injection,
            ),
        ),
        Route("/todos/", _without_slash, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        Route(
            "/openapi.json",
            Resource({"GET": describe}, options={}, deadlines=deadlines, fault_injection=fault_injection),
        ),
    ]


async def _without_slash(request: Request) -> Response:
    query = request.url.query
    return RedirectResponse(f"/todos?{query}" if query else "/todos", status_code=308)
