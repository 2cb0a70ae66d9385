"""The OpenAPI 3.1 document of the REST layer."""

from todo_gql.rest import operations
from todo_gql.rest.preconditions import SCHEMA
from todo_gql.rest.problems import KINDS, Code, problem_document
from todo_gql.rest.schemas import Schema, schemas


def openapi_document(version: str) -> Schema:
    """Describe every route; `version` is that of the service."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "todo-gql",
            "version": version,
            "description": "The REST layer for callers of the old service. GraphQL at `/graphql` succeeds it.",
        },
        "paths": {
            "/todos": {"get": operations.list_operation(), "post": operations.create_operation()},
            "/todos/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": operations.get_operation(),
                "put": operations.replace_operation(),
                "patch": operations.modify_operation(),
                "delete": operations.delete_operation(),
            },
            "/openapi.json": {"get": operations.describe_operation()},
        },
        "components": {
            "schemas": schemas(),
            "parameters": {
                "IfMatch": _header("If-Match", "Do it only if the todo is at one of these versions."),
                "IfNoneMatch": _header("If-None-Match", "Do it only if the todo is at none of these versions."),
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Where authentication is on: a token of the issuer that the service believes.",
                }
            },
            "headers": {"ETag": {"description": "The version of the todo, in quotes.", "schema": {"type": "string"}}},
            "examples": {code.value: _example(code) for code in KINDS},
        },
    }


def _header(name: str, description: str) -> Schema:
    return {"name": name, "in": "header", "description": description, "schema": SCHEMA}


def _example(code: Code) -> Schema:
    document = problem_document(code, f"{KINDS[code].title}.", instance="/todos")
    return {"summary": KINDS[code].title, "value": {**document, "traceId": "0af7651916cd43dd8448eb211c80319c"}}
