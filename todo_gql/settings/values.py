"""The values that settings have, as they are written in the environment."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode


def _read_instant(value: object) -> object:
    """Read ISO 8601 with an offset; a date alone is its first instant in UTC."""
    if not isinstance(value, str):
        return value
    instant = datetime.fromisoformat(value)
    if len(value) == len("2026-11-23"):
        return instant.replace(tzinfo=UTC)
    if instant.tzinfo is None:
        raise ValueError("there is no offset")
    return instant.astimezone(UTC)


def _read_list(value: object) -> object:
    """Read what has commas between; names are the same in upper and lower case."""
    return [item.strip().lower() for item in value.split(",")] if isinstance(value, str) else value


type Several[Item] = Annotated[tuple[Item, ...], NoDecode, BeforeValidator(_read_list)]
Host = Annotated[str, Field(pattern=r"^((\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:]*)$")]
Origin = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^/,\s*@]+)$")]
Instant = Annotated[datetime, BeforeValidator(_read_instant)]
Days = Annotated[int, Field(ge=1, le=3650)]
