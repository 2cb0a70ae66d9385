"""What a migration on PostgreSQL must not do to tables that are in use, while the release before still serves.

Own rules; what each statement locks and rewrites is in PostgreSQL's documentation: sections 13.3 (explicit locking),
"Notes" of ALTER TABLE, and "Building Indexes Concurrently" of CREATE INDEX.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A statement, or a part of one, that is refused, and what to write instead."""

    pattern: re.Pattern[str]
    advice: str


def _rule(pattern: str, advice: str) -> Rule:
    return Rule(pattern=re.compile(pattern, re.IGNORECASE), advice=advice)


# Each on one statement, or on one action of ALTER TABLE, with single spaces and without literals.
_STATEMENTS: Final = (
    _rule(r"^create (unique )?index (?!concurrently)", "It stops writers while it is built: build it concurrently."),
    _rule(r"^(truncate|cluster|reindex|lock|vacuum)\b", "It locks the table for as long as it takes."),
    _rule(r"^drop table", "The release before still reads it: drop it one release later."),
    _rule(r"^update (?!.* where )", "It writes every row in one transaction: fill in batches, outside of a migration."),
    _rule(r"^delete (?!.* where )", "It writes every row in one transaction: delete in batches."),
    _rule(r"^alter table \S+ rename", "The release before knows the old name: add, fill, and drop one release later."),
)
_ACTIONS: Final = (
    _rule(r"^drop (column )?(?!default|not null|constraint)", "The release before still reads it: drop it one later."),
    _rule(r"^rename", "The release before knows the old name: add, fill, and drop one release later."),
    _rule(r"^alter (column )?\S+ (set data )?type", "It writes the table anew: add a column beside it."),
    _rule(
        r"^alter (column )?\S+ set not null",
        "It reads the whole table under a lock: add a CHECK that is NOT VALID, validate it, then set it.",
    ),
    _rule(
        r"^add (column )?(?!constraint|primary|unique|foreign|check|exclude)(?=.* not null)(?!.* default )",
        "The release before writes rows without it: give it a default.",
    ),
    _rule(
        r"^add (column )?(?!constraint|primary|unique|foreign|check|exclude)(?=.* default [^,]*\()",
        "The default is computed for each row, and the table written anew: add it without, then set the default.",
    ),
    _rule(r"^add (column )?(?=.* generated )", "The table is written anew: fill a plain column in batches."),
    _rule(
        r"^add (constraint \S+ )?(foreign key|check)\b(?!.* not valid)",
        "Every row is checked under a lock: add it NOT VALID, and validate it in a later migration.",
    ),
    _rule(
        r"^add (constraint \S+ )?(primary key|unique|exclude)\b(?!.* using index )",
        "An index is built under a lock: build it concurrently, and add the constraint USING INDEX.",
    ),
)
_CREATED: Final = re.compile(r"^create table (?:if not exists )?(\S+)", re.IGNORECASE)
_ALTERED: Final = re.compile(r"^alter table (?:if exists )?(?:only )?(\S+) (.*)", re.IGNORECASE)
_TARGET: Final = re.compile(
    r"^(?:create (?:unique )?index .*? on|update|delete from|drop table(?: if exists)?|truncate(?: table)?) "
    r"(?:only )?([\w.\"]+)",
    re.IGNORECASE,
)


def complaints(statements: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with the statements of one migration; what it does to tables of its own harms nobody."""
    own: set[str] = set()
    for statement in map(_plain, statements):
        if created := _CREATED.match(statement):
            own.add(created[1])
        elif altered := _ALTERED.match(statement):
            if altered[1] not in own:
                for action in _actions(altered[2]):
                    yield from _broken(_ACTIONS, action, f"ALTER TABLE {altered[1]} {action}")
        elif (target := _TARGET.match(statement)) is None or target[1] not in own:
            yield from _broken(_STATEMENTS, statement, statement)


def _broken(rules: Sequence[Rule], text: str, shown: str) -> Iterator[str]:
    for rule in rules:
        if rule.pattern.search(text):
            yield f"{shown}: {rule.advice}"


def _plain(statement: str) -> str:
    """Leave out comments and what stands in quotes, and make white space single spaces."""
    without_literals = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", " ", statement))
    return re.sub(r"\s+", " ", without_literals).strip(" ;")


def _actions(text: str) -> Iterator[str]:
    """Take the actions of ALTER TABLE apart at the commas that stand in no parentheses."""
    depth, start = 0, 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield text[start:index].strip()
            start = index + 1
    yield text[start:].strip()
