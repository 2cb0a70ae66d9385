"""The JSON Schemas of the OpenAPI document, with the limits that the rules set."""

from typing import Final

from todo_gql.rest.problems import KINDS
from todo_gql.todos.model import TodoPriority, TodoStatus
from todo_gql.todos.rules import DESCRIPTION_MAX_LENGTH, MAX_DEPENDENCIES, TITLE_MAX_LENGTH

Schema = dict[str, object]

# No database text can hold U+0000, and a title has something in it besides white space.
_TITLE: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": TITLE_MAX_LENGTH,
    "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
}
_STORED_TITLE: Final[Schema] = {
    "type": "string",
    "description": f"1 to {TITLE_MAX_LENGTH} characters; todos of the old service may have others.",
}
_DESCRIPTION: Final[Schema] = {
    "type": ["string", "null"],
    "maxLength": DESCRIPTION_MAX_LENGTH,
    "pattern": r"^[^\u0000]*$",
}
_ID: Final[Schema] = {"type": "string", "format": "uuid"}
_DEPENDS_ON: Final[Schema] = {
    "type": ["string", "null"],
    "format": "uuid",
    "description": "The first of `dependencies`. Writing another one replaces them all.",
}
_DEPENDENCIES: Final[Schema] = {
    "type": "array",
    "items": _ID,
    "maxItems": MAX_DEPENDENCIES,
    "description": "What must be done first, in the order in which it was added.",
}
_STATUS: Final[Schema] = {"type": "string", "enum": list(TodoStatus)}
_PRIORITY: Final[Schema] = {"type": "string", "enum": list(TodoPriority)}
_COMPLETED: Final[Schema] = {"type": "boolean", "description": "Whether `status` is COMPLETED."}
_DUE: Final[Schema] = {"oneOf": [{"$ref": "#/components/schemas/Due"}, {"type": "null"}]}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_VERSION: Final[Schema] = {"type": "integer", "minimum": 1, "description": "Grows by one with each change."}

_TODO: Final[Schema] = {
    "depends_on": _DEPENDS_ON,
    "description": {"type": ["string", "null"]},
    "id": _ID,
    "title": _STORED_TITLE,
    "dependencies": _DEPENDENCIES,
    "completed": _COMPLETED,
    "status": _STATUS,
    "priority": _PRIORITY,
    "due": _DUE,
    "completed_at": _INSTANT_OR_NULL,
    "created_at": _INSTANT,
    "updated_at": _INSTANT,
    "version": _VERSION,
}
_DRAFT: Final[Schema] = {"title": _TITLE, "description": _DESCRIPTION, "depends_on": _DEPENDS_ON}
_CHANGE: Final[Schema] = {
    **_TODO,
    **_DRAFT,
    "dependencies": {**_DEPENDENCIES, "type": ["array", "null"]},
}


def schemas() -> Schema:
    """Give the schemas by name."""
    return {
        "Todo": {"type": "object", "required": list(_TODO), "properties": _TODO},
        "TodoDraft": _input(_DRAFT, required=["title"], description="A todo to be created."),
        "TodoReplacement": _input(
            _CHANGE,
            required=["title"],
            description=(
                "What is absent takes its default, but for `dependencies` when `depends_on` is unchanged. "
                "`id`, `version` and the times are accepted when they are unchanged."
            ),
        ),
        "TodoPatch": _input(
            _CHANGE,
            required=[],
            description=(
                "A JSON merge patch (RFC 7396): what is absent stays, null clears. "
                "`id`, `version` and the times are accepted when they are unchanged."
            ),
        ),
        "Due": {
            "description": "A date, or an instant with the time zone in which it was planned.",
            "oneOf": [
                {
                    "type": "object",
                    "required": ["date"],
                    "properties": {"date": {"type": "string", "format": "date"}},
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "required": ["at"],
                    "properties": {"at": _INSTANT, "time_zone": {"type": "string", "default": "UTC"}},
                    "additionalProperties": False,
                },
            ],
        },
        "Problem": _problem(),
    }


def _input(properties: Schema, *, required: list[str], description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def _problem() -> Schema:
    properties: Schema = {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "The example of its code in this document.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path that was asked for."},
        "code": {"type": "string", "enum": [code.value for code in KINDS]},
        "traceId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "error": {"type": "string", "description": "The same as `detail`, for callers of the old service."},
    }
    errors = {
        "type": "object",
        "description": "By member of the body, what is wrong with it; `_schema` is the body as a whole.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    }
    return {
        "type": "object",
        "description": "RFC 9457.",
        "required": list(properties),
        "properties": {**properties, "errors": errors},
    }
