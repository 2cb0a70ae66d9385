"""Problem documents (RFC 9457), and the one table from the code of a problem to its status and title."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from todo_gql.asgi.errors import sentence_of
from todo_gql.telemetry.trace import current_trace_id, note_problem
from todo_gql.todos.problems import ProblemCode

MEDIA_TYPE: Final = "application/problem+json"

FieldErrors = dict[str, list[str]]


class TransportCode(StrEnum):
    """The stable name of a failure that is about the request or the server, not about todos."""

    MALFORMED_JSON = "MALFORMED_JSON"
    BAD_REQUEST = "BAD_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    IDEMPOTENCY_RUNNING = "IDEMPOTENCY_RUNNING"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    TARGET_TOO_LONG = "TARGET_TOO_LONG"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    PRECONDITION_REQUIRED = "PRECONDITION_REQUIRED"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"


Code = ProblemCode | TransportCode


@dataclass(frozen=True, slots=True)
class Kind:
    """How problems of one code are answered; the title is the same for each of them."""

    status: HTTPStatus
    title: str


KINDS: Final[Mapping[Code, Kind]] = {
    ProblemCode.VALIDATION: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The input breaks a rule"),
    ProblemCode.NOT_FOUND: Kind(HTTPStatus.NOT_FOUND, "Not found"),
    ProblemCode.VERSION_CONFLICT: Kind(HTTPStatus.PRECONDITION_FAILED, "The todo was changed"),
    ProblemCode.ID_CONFLICT: Kind(HTTPStatus.PRECONDITION_FAILED, "The id is taken"),
    ProblemCode.DEPENDENCY_CYCLE: Kind(HTTPStatus.CONFLICT, "The dependencies form a cycle"),
    ProblemCode.BLOCKED: Kind(HTTPStatus.CONFLICT, "The todo is blocked"),
    ProblemCode.LIMIT_EXCEEDED: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "A limit is exceeded"),
    ProblemCode.FORBIDDEN: Kind(HTTPStatus.FORBIDDEN, "Not allowed"),
    TransportCode.MALFORMED_JSON: Kind(HTTPStatus.BAD_REQUEST, "The body is not JSON"),
    TransportCode.BAD_REQUEST: Kind(HTTPStatus.BAD_REQUEST, "The request cannot be used"),
    TransportCode.UNAUTHENTICATED: Kind(HTTPStatus.UNAUTHORIZED, "Nobody knows who asks"),
    TransportCode.METHOD_NOT_ALLOWED: Kind(HTTPStatus.METHOD_NOT_ALLOWED, "No such method here"),
    TransportCode.IDEMPOTENCY_RUNNING: Kind(HTTPStatus.CONFLICT, "The same request is being answered"),
    TransportCode.IDEMPOTENCY_MISMATCH: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The key belongs to another request"),
    TransportCode.BODY_TOO_LARGE: Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    TransportCode.TARGET_TOO_LONG: Kind(HTTPStatus.REQUEST_URI_TOO_LONG, "The target is too long"),
    TransportCode.UNSUPPORTED_MEDIA_TYPE: Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The media type is not accepted"),
    TransportCode.PRECONDITION_REQUIRED: Kind(HTTPStatus.PRECONDITION_REQUIRED, "A precondition is required"),
    TransportCode.RATE_LIMITED: Kind(HTTPStatus.TOO_MANY_REQUESTS, "Too much was asked for"),
    TransportCode.INTERNAL: Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"),
    TransportCode.UNAVAILABLE: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "Unavailable for now"),
    TransportCode.OUTCOME_UNKNOWN: Kind(HTTPStatus.GATEWAY_TIMEOUT, "Nobody knows whether it was done"),
}

_HTTP_EXCEPTIONS: Final[Mapping[int, tuple[Code, str]]] = {
    400: (TransportCode.BAD_REQUEST, "The Host is none that this service answers to."),
    401: (TransportCode.UNAUTHENTICATED, "Nobody knows who asks."),
    404: (ProblemCode.NOT_FOUND, "There is nothing at this path."),
    405: (TransportCode.METHOD_NOT_ALLOWED, "This path has other methods only."),
    413: (TransportCode.BODY_TOO_LARGE, "The body is longer than this service reads."),
    414: (TransportCode.TARGET_TOO_LONG, "The request target is longer than this service reads."),
    429: (TransportCode.RATE_LIMITED, "You have asked for more than you may in a minute; wait."),
    500: (TransportCode.INTERNAL, "Internal server error"),
    503: (TransportCode.UNAVAILABLE, "The service has more to do than it can; try again."),
}


class Refused(Exception):
    """A request that REST itself refuses; `errors` are the messages for each member of the body."""

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        errors: FieldErrors | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers


def refuse_members(errors: FieldErrors) -> Refused:
    """Make the refusal of a body whose members break rules."""
    return Refused(ProblemCode.VALIDATION, "The body breaks the rules that `errors` names.", errors=errors)


def problem_document(
    code: Code, detail: str, *, instance: str, errors: Mapping[str, Sequence[str]] | None = None
) -> dict[str, object]:
    """Describe a problem; `instance` is the path that was asked for, as it stands in `scope`."""
    kind = KINDS[code]
    return {
        "type": f"/openapi.json#/components/examples/{code}",
        "title": kind.title,
        "status": kind.status.value,
        "detail": detail,
        "instance": quote(instance),
        "code": code.value,
        "traceId": current_trace_id(),
        **({"errors": errors} if errors else {}),
        "error": detail,
    }


def problem_response(
    code: Code,
    detail: str,
    *,
    instance: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document, in ASCII: member names of the caller's may hold lone surrogates."""
    note_problem(code)
    document = problem_document(code, detail, instance=instance, errors=errors)
    return Response(json.dumps(document, separators=(",", ":")) + "\n", KINDS[code].status, headers, MEDIA_TYPE)


def http_problem_response(scope: Scope, error: HTTPException) -> Response:
    """Answer what went wrong before, or beside, a route: the statuses that Starlette and our middlewares raise."""
    code, detail = _HTTP_EXCEPTIONS[error.status_code]
    return problem_response(code, sentence_of(error, detail), instance=scope["path"], headers=error.headers)
