"""The rules that an input must keep, whoever it comes from. All broken ones are reported together."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from todo_gql.todos.commands import ChangeDependencies, TodoDraft, TodoPatch, Unset
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Due, TodoId
from todo_gql.todos.problems import BadArgument, Invalid, Violation, ViolationRule
from todo_gql.todos.queries import TodoFilter

TITLE_MAX_LENGTH: Final = 200
DESCRIPTION_MAX_LENGTH: Final = 10_000
MAX_DEPENDENCIES: Final = 50

_FORBIDDEN_CHARACTER = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL stores neither U+0000 nor lone surrogates; UTF-8 has no form for the latter."""


def has_forbidden_character(text: str) -> bool:
    """Say whether the text holds a character that no database text can hold."""
    return _FORBIDDEN_CHARACTER.search(text) is not None


def check_filter(todo_filter: TodoFilter) -> None:
    """Raise BadArgument for a filter that no todo can be asked for by."""
    if todo_filter.search is not None and has_forbidden_character(todo_filter.search):
        raise BadArgument("A search cannot contain U+0000 or a lone surrogate.")


def check_draft(draft: TodoDraft) -> None:
    """Raise Invalid unless the draft keeps all rules that need no database."""
    violations = [*_title_violations(draft.title), *_description_violations(draft.description)]
    if draft.id is not None:
        violations += _id_violations(("id",), draft.id)
    violations += _reference_violations("dependencies", draft.dependencies)
    _raise_if_any(violations)


def check_patch(patch: TodoPatch) -> None:
    """Raise Invalid unless what the patch mentions keeps all rules that need no database."""
    violations: list[Violation] = []
    if patch.title is None:
        violations.append(_not_null("title"))
    elif not isinstance(patch.title, Unset):
        violations += _title_violations(patch.title)
    if not isinstance(patch.description, Unset):
        violations += _description_violations(patch.description)
    if patch.status is None:
        violations.append(_not_null("status"))
    if patch.priority is None:
        violations.append(_not_null("priority"))
    if not isinstance(patch.dependencies, Unset):
        violations += _reference_violations("dependencies", patch.dependencies or ())
    _raise_if_any(violations)


def check_dependency_changes(operation: ChangeDependencies) -> None:
    """Raise Invalid unless every reference to add or to remove is well formed, and there are not too many."""
    _raise_if_any(
        [
            *_reference_violations("add", operation.add),
            *_reference_violations("remove", operation.remove),
        ]
    )


def check_references_exist(field: str, references: Sequence[TodoId], known: frozenset[TodoId]) -> None:
    """Raise Invalid for every reference in `field` that is not known."""
    _raise_if_any(
        [
            Violation(
                path=(field, str(index)),
                rule=ViolationRule.UNKNOWN_REFERENCE,
                message="There is no todo with this id to depend on.",
            )
            for index, reference in enumerate(references)
            if reference not in known
        ]
    )


def references(texts: Sequence[str]) -> tuple[TodoId, ...]:
    """Read ids that were checked before, position by position."""
    return tuple(todo_id for text in texts if (todo_id := parse_todo_id(text)) is not None)


def input_hash(draft: TodoDraft) -> bytes:
    """Fingerprint what a todo is created from: equal drafts, however their ids are spelled, agree (SHA-256)."""
    canonical = {
        "title": draft.title,
        "description": draft.description,
        "status": draft.status,
        "priority": draft.priority,
        "due": None if draft.due is None else _due_parts(draft.due),
        "dependencies": [str(todo_id) for todo_id in dict.fromkeys(references(draft.dependencies))],
    }
    return hashlib.sha256(json.dumps(canonical).encode()).digest()


def _due_parts(due: Due) -> list[str | None]:
    return [due.date.isoformat(), None if due.at is None else due.at.isoformat(), due.time_zone]


def _raise_if_any(violations: Sequence[Violation]) -> None:
    if violations:
        raise Invalid(tuple(violations))


def _not_null(field: str) -> Violation:
    return Violation(path=(field,), rule=ViolationRule.NOT_NULL, message=f"The {field} cannot be null.")


def _title_violations(title: str) -> Iterator[Violation]:
    if not title.strip():
        yield Violation(path=("title",), rule=ViolationRule.BLANK, message="The title is blank.")
    yield from _text_violations("title", title, TITLE_MAX_LENGTH)


def _description_violations(description: str | None) -> Iterator[Violation]:
    if description is not None:
        yield from _text_violations("description", description, DESCRIPTION_MAX_LENGTH)


def _text_violations(field: str, text: str, max_length: int) -> Iterator[Violation]:
    if len(text) > max_length:
        yield Violation(
            path=(field,),
            rule=ViolationRule.TOO_LONG,
            message=f"The {field} is longer than {max_length} characters.",
            limit=max_length,
        )
    if has_forbidden_character(text):
        yield Violation(
            path=(field,),
            rule=ViolationRule.FORBIDDEN_CHARACTER,
            message=f"The {field} contains U+0000 or a lone surrogate.",
        )


def _id_violations(path: tuple[str, ...], text: str) -> Iterator[Violation]:
    if parse_todo_id(text) is None:
        yield Violation(path=path, rule=ViolationRule.MALFORMED, message="An id is a UUID.")


def _reference_violations(field: str, texts: Sequence[str]) -> Iterator[Violation]:
    if len(texts) > MAX_DEPENDENCIES:
        yield Violation(
            path=(field,),
            rule=ViolationRule.TOO_MANY,
            message=f"More than {MAX_DEPENDENCIES} dependencies are given.",
            limit=MAX_DEPENDENCIES,
        )
        return
    for index, text in enumerate(texts):
        yield from _id_violations((field, str(index)), text)
