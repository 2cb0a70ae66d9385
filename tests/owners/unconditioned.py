"""Statements without what limits them to an owner, as if it had been forgotten in each of them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from sqlalchemy import Executable

from todo_gql.database import postgresql
from todo_gql.database.compiled import Compiler, Ready

_TO_A_VALUE: Final = re.compile(r"\b\w+\.owner = (\$\d+(?:::\w+)?)")
_TO_ANOTHER_TABLE: Final = re.compile(r"\b\w+\.owner = \w+\.owner\b")
_LEFT: Final = re.compile(r"\bowner (=|IN|<|>)")


def without_owner(text: str) -> str:
    """Take the conditions out. Their values stay behind as something that holds, as the driver sends them anyway."""
    return _TO_ANOTHER_TABLE.sub("true", _TO_A_VALUE.sub(r"\1 IS NOT NULL", text))


class _Unconditioned(Compiler):
    """Compiles statements that have forgotten the owner."""

    def ready(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Ready:
        ready = super().ready(statement, parameters)
        text = without_owner(ready.text)
        assert not _LEFT.search(text), text
        return replace(ready, text=text)


@contextmanager
def unconditioned() -> Iterator[None]:
    """Have every statement of new databases on PostgreSQL sent so, on its way to the driver."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgresql, "Compiler", _Unconditioned)
        yield
