"""Errors as clients see them: each with a code and the trace id, our own faults masked and logged once."""

import logging
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from graphql import FieldNode, GraphQLError

from todo_gql.database import DatabaseUnavailable, OutcomeUnknown
from todo_gql.graphql.object_budget import TooManyObjects
from todo_gql.telemetry.trace import current_trace_id, note_problem
from todo_gql.todos.problems import BadArgument, Problem

RATE_LIMITED: Final = "You have asked for more than you may in a minute; wait, or ask for less at a time."

_log: Final = logging.getLogger(__name__)


class ErrorCode(StrEnum):
    """The stable name of a GraphQL error that is no refusal."""

    BAD_REQUEST = "BAD_REQUEST"
    MALFORMED_JSON = "MALFORMED_JSON"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    TARGET_TOO_LONG = "TARGET_TOO_LONG"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    DOCUMENT_TOO_COSTLY = "DOCUMENT_TOO_COSTLY"
    UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    SYNC_RESET = "SYNC_RESET"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    INTERNAL = "INTERNAL"


def format_error(code: str, message: str, **details: object) -> dict[str, Any]:
    """Write an error that is about the whole request; details are named beside its code."""
    note_problem(code)
    return {"message": message, "extensions": {"code": code, "traceId": current_trace_id(), **details}}


def format_document_errors(errors: Sequence[GraphQLError], code: ErrorCode) -> list[dict[str, Any]]:
    """Write what is wrong with a document."""
    return [_located(error, code, error.message, **(error.extensions or {})) for error in errors]


def format_execution_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """Write what went wrong while an operation was executed; log what was our own fault."""
    return [_located(error, *_told(error)) for error in errors]


def _told(error: GraphQLError) -> tuple[str, str]:
    """Choose what the client is told: the code, and a message that is safe to show."""
    match error.original_error:
        case None | GraphQLError():
            return ErrorCode.BAD_USER_INPUT, error.message  # Raised by GraphQL itself, about a value that was sent.
        case BadArgument(message=message):
            return ErrorCode.BAD_USER_INPUT, message
        case Problem(code=code, message=message):
            return code, message
        case TooManyObjects() as excess:
            return ErrorCode.DOCUMENT_TOO_COSTLY, str(excess)
        case DatabaseUnavailable() as cause:
            _log.warning("%s cannot be answered: %s", _coordinate(error), cause)
            return ErrorCode.UNAVAILABLE, "The service cannot answer this now; try again."
        case OutcomeUnknown() as cause:
            _log.warning("%s has an unknown outcome: %s", _coordinate(error), cause)
            told = "The database was lost while it was told to keep this; look whether it has."
            return ErrorCode.OUTCOME_UNKNOWN, told
        case bug:
            _log.error("%s failed", _coordinate(error), exc_info=bug)
            return ErrorCode.INTERNAL, "Internal server error"


def _located(error: GraphQLError, code: str, message: str, **details: object) -> dict[str, Any]:
    formatted = format_error(code, message, **details)
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = error.path
    return formatted


def _coordinate(error: GraphQLError) -> str:
    """Name the field, for the log; its path would hold the aliases that the client chose."""
    return error.nodes[0].name.value if error.nodes and isinstance(error.nodes[0], FieldNode) else "operation"
