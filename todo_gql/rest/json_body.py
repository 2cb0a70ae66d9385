"""Bodies of requests: their media type, and the JSON in them."""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.requests import Request

from todo_gql.asgi.json_body import MalformedJSON, parse_json
from todo_gql.asgi.limits import whole_body
from todo_gql.rest.problems import Refused, TransportCode


def is_json(media_type: str) -> bool:
    """Accept what the old service took for JSON: `application/json` and `application/*+json`."""
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def is_merge_patch(media_type: str) -> bool:
    """Accept JSON merge patches (RFC 7396), also under the plain name."""
    return media_type in {"application/json", "application/merge-patch+json"}


async def read_json(request: Request, accepts: Callable[[str], bool], *, otherwise: Mapping[str, str]) -> object:
    """Read the body of a request, `otherwise` being the headers that say which types are accepted.

    Raises:
        Refused: the media type is another one, or the body is not JSON.
    """
    if not accepts(_media_type(request.headers)):
        raise Refused(
            TransportCode.UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be application/json.", headers=otherwise
        )
    try:
        return parse_json(await whole_body(request))
    except MalformedJSON as error:
        raise Refused(TransportCode.MALFORMED_JSON, f"The body cannot be read. {error}") from error


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
