"""If-Match and If-None-Match (RFC 9110 section 13.1) against the version of a todo."""

import re
from dataclasses import dataclass
from typing import Final, Self

from starlette.datastructures import Headers

from todo_gql.rest.problems import Refused, TransportCode
from todo_gql.todos.model import Todo
from todo_gql.todos.problems import ProblemCode

_ELEMENT: Final = re.compile(r'[ \t]*(?:(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)')
"""One element of a list of entity tags; RFC 9110 section 5.6.1 lets elements be empty."""

_TAG: Final = r'(W/)?"[!#-~\u0080-\u00ff]*"'
SCHEMA: Final = {"type": "string", "pattern": rf"^(\*|[ \t,]*{_TAG}([ \t]*,[ \t]*({_TAG})?)*)$"}
"""The same of the whole header, for the description."""


def entity_tag(version: int) -> str:
    """Write the strong entity tag of a todo."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class EntityTags:
    """`*`, which is any todo that there is, or a list of entity tags."""

    is_any: bool
    strong: frozenset[str]
    weak: frozenset[str]

    @classmethod
    def parse(cls, name: str, headers: Headers) -> Self | None:
        """Read the header, None when it is absent. Raises Refused when it is malformed."""
        if name not in headers:
            return None
        value = ",".join(headers.getlist(name)).strip(" \t")
        if value == "*":
            return cls(is_any=True, strong=frozenset(), weak=frozenset())
        strong: set[str] = set()
        weak: set[str] = set()
        position = 0
        while position < len(value):
            element = _ELEMENT.match(value, position)
            if element is None:
                raise _malformed(name)
            if element["opaque"] is not None:
                (weak if element["weak"] else strong).add(element["opaque"])
            position = element.end()
        if not strong and not weak:
            raise _malformed(name)
        return cls(is_any=False, strong=frozenset(strong), weak=frozenset(weak))

    def match_strongly(self, version: int) -> bool:
        """Compare as If-Match does: a weak tag matches nothing."""
        return self.is_any or str(version) in self.strong

    def match_weakly(self, version: int) -> bool:
        """Compare as If-None-Match does: a weak tag matches as well."""
        return self.has(str(version))

    def has(self, opaque: str) -> bool:
        """Say whether a tag is among these, weak or strong."""
        return self.is_any or opaque in self.strong | self.weak


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a request demands of the todo as it stands."""

    if_match: EntityTags | None
    if_none_match: EntityTags | None

    @classmethod
    def of(cls, headers: Headers) -> Self:
        """Read the preconditions of a request. Raises Refused when one is malformed."""
        return cls(EntityTags.parse("if-match", headers), EntityTags.parse("if-none-match", headers))

    @property
    def create_only(self) -> bool:
        """Say whether the request demands that there is no todo yet."""
        return self.if_none_match is not None and self.if_none_match.is_any

    def check_read(self, version: int) -> bool:
        """Say whether the caller lacks this version. Raises Refused when it demands another one."""
        self._check_if_match(version)
        return self.if_none_match is None or not self.if_none_match.match_weakly(version)

    def check_write(self, todo: Todo) -> None:
        """Raise Refused unless the todo may be written."""
        self._check_if_match(todo.version)
        if self.create_only:
            headers = {"ETag": entity_tag(todo.version)}
            raise Refused(ProblemCode.ID_CONFLICT, "There is a todo with this id.", headers=headers)
        if self.if_none_match is not None and self.if_none_match.match_weakly(todo.version):
            raise _conflict(todo.version)

    def _check_if_match(self, version: int) -> None:
        if self.if_match is not None and not self.if_match.match_strongly(version):
            raise _conflict(version)


def _malformed(name: str) -> Refused:
    return Refused(TransportCode.BAD_REQUEST, f'The header {name.title()} is `*` or a list such as "1", "2".')


def _conflict(version: int) -> Refused:
    headers = {"ETag": entity_tag(version)}
    return Refused(ProblemCode.VERSION_CONFLICT, f"The todo is at version {version}.", headers=headers)
