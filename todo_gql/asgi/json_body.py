"""JSON as clients send it, read more strictly than the standard library does by itself."""

import json
from typing import Final, Never

MAX_NESTING: Final = 100


class MalformedJSON(ValueError):
    """The text is not JSON that the service reads; the message says why."""


def parse_json(text: bytes | str) -> object:
    """Read JSON in UTF-8, with or without a byte order mark; of equal members the last one counts.

    Raises:
        MalformedJSON: it is something else, also NaN, Infinity, and values nested more than 100 deep.
    """
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        value = _decoder.decode(decoded)
    # ValueError: not UTF-8, not JSON, or an integer of more digits than Python converts.
    except (ValueError, RecursionError) as error:
        raise MalformedJSON("This is not JSON in UTF-8.") from error
    # Most texts have fewer brackets than that.
    if decoded.count("[") + decoded.count("{") > MAX_NESTING and _is_nested_deeper(value, MAX_NESTING):
        raise MalformedJSON(f"This JSON is nested more than {MAX_NESTING} deep.")
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)


# json.loads would make one for each text.
_decoder: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _is_nested_deeper(value: object, limit: int) -> bool:
    level = _containers([value])
    for _ in range(limit):
        level = [inner for outer in level for inner in _containers(outer)]
    return bool(level)


def _containers(container: dict[str, object] | list[object]) -> list[dict[str, object] | list[object]]:
    values = container.values() if isinstance(container, dict) else container
    return [value for value in values if isinstance(value, dict | list)]
