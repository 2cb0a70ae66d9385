"""Ids of todos: UUIDs, version 7 for new ones, so that ids sort by creation and index pages stay dense."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from todo_gql.todos.model import TodoId

_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def parse_todo_id(text: str) -> TodoId | None:
    """Read a UUID, with or without its dashes and in either case; None when it is not one."""
    return TodoId(UUID(text)) if _UUID.fullmatch(text) else None


def new_todo_id(created_at: datetime) -> TodoId:
    """Make a UUID of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = int(created_at.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return TodoId(UUID(int=value))
