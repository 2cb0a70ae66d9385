"""The operations of the OpenAPI document: what each takes, and every answer that it can give."""

from typing import Final

from todo_gql.rest.collection import MAX_LIMIT
from todo_gql.rest.idempotency import MAX_LENGTH, SCHEMA
from todo_gql.rest.problems import KINDS, MEDIA_TYPE, Code, TransportCode
from todo_gql.rest.schemas import Schema
from todo_gql.todos.model import AccessScope
from todo_gql.todos.problems import ProblemCode

_ANY_REQUEST: Final = (
    TransportCode.TARGET_TOO_LONG,
    TransportCode.RATE_LIMITED,
    TransportCode.INTERNAL,
    TransportCode.UNAVAILABLE,
)
_ANY_CALLER: Final = (*_ANY_REQUEST, TransportCode.UNAUTHENTICATED, ProblemCode.FORBIDDEN)
_ANY_BODY: Final = (
    TransportCode.MALFORMED_JSON,
    TransportCode.BAD_REQUEST,
    TransportCode.BODY_TOO_LARGE,
    TransportCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.VALIDATION,
)
_ANY_TODO: Final = (ProblemCode.NOT_FOUND, TransportCode.BAD_REQUEST, ProblemCode.VERSION_CONFLICT)
_ANY_CHANGE: Final = (
    *_ANY_TODO,
    *_ANY_BODY,
    TransportCode.PRECONDITION_REQUIRED,
    ProblemCode.DEPENDENCY_CYCLE,
    ProblemCode.BLOCKED,
    ProblemCode.LIMIT_EXCEEDED,
)
_PRECONDITIONS: Final = [{"$ref": "#/components/parameters/IfMatch"}, {"$ref": "#/components/parameters/IfNoneMatch"}]
_UNCHANGED: Final = "Answer 304 if no todo has changed since the answer that had this tag."
_LIST_ETAG: Final = {
    "ETag": {"description": "Another one after every change of any todo; weak.", "schema": {"type": "string"}}
}
_ETAG: Final = {"ETag": {"$ref": "#/components/headers/ETag"}}
_CREATED_HEADERS: Final = {
    **_ETAG,
    "Location": {"description": "The path of the todo.", "schema": {"type": "string", "format": "uri-reference"}},
}


def list_operation() -> Schema:
    """Describe GET /todos."""
    listed = _json("The todos, oldest first.", {"type": "array", "items": {"$ref": "#/components/schemas/Todo"}})
    listed["headers"] = {
        **_LIST_ETAG,
        "Link": {"description": 'The next page of a bounded list (`rel="next"`).', "schema": {"type": "string"}},
    }
    return {
        "operationId": "listTodos",
        "security": _may(AccessScope.READ),
        "summary": "List all todos, or one page of them.",
        "deprecated": True,
        "parameters": [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}},
            {
                "name": "cursor",
                "in": "query",
                "description": "Where the last page ended; it stands in its `Link`.",
                "schema": {"type": "string"},
            },
            {"name": "If-None-Match", "in": "header", "description": _UNCHANGED, "schema": {"type": "string"}},
        ],
        "responses": {
            "200": listed,
            "304": {"description": "The caller has the todos as they are.", "headers": _LIST_ETAG},
            **_problems((*_ANY_CALLER, TransportCode.BAD_REQUEST)),
        },
    }


def create_operation() -> Schema:
    """Describe POST /todos."""
    created = _created()
    created["headers"] = {
        **_CREATED_HEADERS,
        "Idempotency-Replayed": {
            "description": "`true` when an earlier request with this key created it.",
            "schema": {"type": "string", "enum": ["true"]},
        },
    }
    return {
        "operationId": "createTodo",
        "security": _may(AccessScope.WRITE),
        "summary": "Create a todo.",
        "deprecated": True,
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": (
                    "The same request under the same key is done once, and answered alike for a day. "
                    f"A string of 1 to {MAX_LENGTH} characters in double quotes (RFC 9651)."
                ),
                "schema": SCHEMA,
                "example": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
            }
        ],
        "requestBody": _body("TodoDraft", "application/json"),
        "responses": {
            "201": created,
            **_problems(
                (*_ANY_CALLER, *_ANY_BODY, TransportCode.IDEMPOTENCY_RUNNING, TransportCode.IDEMPOTENCY_MISMATCH)
            ),
        },
    }


def get_operation() -> Schema:
    """Describe GET /todos/{id}."""
    return {
        "operationId": "getTodo",
        "security": _may(AccessScope.READ),
        "summary": "Read a todo.",
        "deprecated": True,
        "parameters": _PRECONDITIONS,
        "responses": {
            "200": _todo("The todo."),
            "304": {"description": "The caller has this version.", "headers": _ETAG},
            **_problems((*_ANY_CALLER, *_ANY_TODO)),
        },
    }


def replace_operation() -> Schema:
    """Describe PUT /todos/{id}."""
    return {
        "operationId": "replaceTodo",
        "security": _may(AccessScope.WRITE),
        "summary": "Replace a todo, or create it under this id.",
        "deprecated": True,
        "parameters": _PRECONDITIONS,
        "requestBody": _body("TodoReplacement", "application/json"),
        "responses": {
            "200": _todo("The todo as it stands now."),
            "201": _created(),
            **_problems((*_ANY_CALLER, *_ANY_CHANGE, ProblemCode.ID_CONFLICT)),
        },
    }


def modify_operation() -> Schema:
    """Describe PATCH /todos/{id}."""
    return {
        "operationId": "modifyTodo",
        "security": _may(AccessScope.WRITE),
        "summary": "Change what the body mentions.",
        "deprecated": True,
        "parameters": _PRECONDITIONS,
        "requestBody": _body("TodoPatch", "application/json", "application/merge-patch+json"),
        "responses": {
            "200": _todo("The todo as it stands now."),
            **_problems((*_ANY_CALLER, *_ANY_CHANGE, ProblemCode.ID_CONFLICT)),
        },
    }


def delete_operation() -> Schema:
    """Describe DELETE /todos/{id}."""
    return {
        "operationId": "deleteTodo",
        "security": _may(AccessScope.WRITE),
        "summary": "Move a todo to the trash.",
        "deprecated": True,
        "parameters": _PRECONDITIONS,
        "responses": {
            "204": {"description": "It is in the trash."},
            **_problems((*_ANY_CALLER, *_ANY_TODO, TransportCode.PRECONDITION_REQUIRED, ProblemCode.ID_CONFLICT)),
        },
    }


def describe_operation() -> Schema:
    """Describe GET /openapi.json."""
    return {
        "operationId": "getDescription",
        "summary": "Read this document.",
        "responses": {"200": _json("OpenAPI 3.1.", {"type": "object"}), **_problems(_ANY_REQUEST)},
    }


def _may(scope: AccessScope) -> list[Schema]:
    """Describe who may do it: with authentication off, anyone."""
    return [{}, {"token": [scope.value]}]


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _todo(description: str) -> Schema:
    return {**_json(description, {"$ref": "#/components/schemas/Todo"}), "headers": _ETAG}


def _created() -> Schema:
    return {**_todo("The todo, created."), "headers": _CREATED_HEADERS}


def _body(schema: str, *media_types: str) -> Schema:
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for media_type in media_types}
    return {"required": True, "content": content}


def _problems(codes: tuple[Code, ...]) -> Schema:
    """Describe the answers that these problems get: one for each status, with its problems as examples."""
    responses: Schema = {}
    for status in sorted({KINDS[code].status for code in codes}):
        here = [code for code in KINDS if code in codes and KINDS[code].status == status]
        examples = {code.value: {"$ref": f"#/components/examples/{code}"} for code in here}
        responses[str(status.value)] = {
            "description": " / ".join(f"{KINDS[code].title}." for code in here),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
        }
    return responses
