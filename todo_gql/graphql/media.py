"""Media types of GraphQL over HTTP: what a client can read, and what it has sent."""

from collections.abc import Iterator
from email.message import Message
from functools import lru_cache
from typing import Final

RESPONSE_JSON: Final = "application/graphql-response+json"
JSON: Final = "application/json"
EVENT_STREAM: Final = "text/event-stream"

# Clients are of a few kinds, and each sends the same headers with every request.
_remembered: Final = lru_cache(maxsize=128)


@_remembered
def choose_response_type(accept: str | None) -> str | None:
    """Choose between the two response types by an Accept header (RFC 9110 section 12.5.1); None when neither will do.

    Equal preferences go to the newer type if the header names it, otherwise to `application/json`, which a client
    that accepts anything is most likely to expect.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = list(_ranges(accept))
    response_quality, response_is_named = _quality(RESPONSE_JSON, ranges)
    json_quality, _ = _quality(JSON, ranges)
    if response_quality == json_quality == 0:
        return None
    if response_quality > json_quality or (response_quality == json_quality and response_is_named):
        return RESPONSE_JSON
    return JSON


def prefers_html(accept: str | None) -> bool:
    """Say whether a client would rather read HTML than either response type, as browsers do."""
    if accept is None:
        return False
    ranges = list(_ranges(accept))
    html, _ = _quality("text/html", ranges)
    return html > max(_quality(RESPONSE_JSON, ranges)[0], _quality(JSON, ranges)[0])


@_remembered
def prefers_event_stream(accept: str) -> bool:
    """Say whether a client names server-sent events, and names them before either JSON type.

    Clients such as urql always name all three, JSON first, and then want JSON.
    """
    named = [(kind, quality) for kind, quality in _ranges(accept) if kind in {EVENT_STREAM, RESPONSE_JSON, JSON}]
    best = max(named, key=lambda kind_and_quality: kind_and_quality[1], default=(JSON, 0.0))
    return best[0] == EVENT_STREAM and best[1] > 0


@_remembered
def is_json_request(content_type: str) -> bool:
    """Say whether a Content-Type header means JSON in UTF-8."""
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset", "utf-8")
    return header.get_content_type() == JSON and str(charset).lower() in {"utf-8", "utf8"}


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((value for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "q"), "1")
        try:
            number = float(quality)
        except ValueError:
            number = 0.0
        yield media_range, min(number, 1.0) if number > 0 else 0.0  # Also for NaN, which Python takes for a number.


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> tuple[float, bool]:
    """Give the quality of the most specific range that fits, and whether that names the type itself."""
    qualities = dict(ranges)
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if media_range in qualities:
            return qualities[media_range], media_range == media_type
    return 0.0, False
