"""From the JSON value of a body to what it says of a todo, with everything that is wrong with it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from todo_gql.rest import readers, words
from todo_gql.rest.members import Members
from todo_gql.rest.problems import FieldErrors, refuse_members
from todo_gql.rest.todo_body import TodoBody
from todo_gql.todos.commands import UNSET, TodoPatch, Unset
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import TodoStatus
from todo_gql.todos.problems import Invalid
from todo_gql.todos.rules import check_patch

LEGACY_MEMBERS: Final = ("title", "description", "depends_on")
WRITABLE_MEMBERS: Final = (*LEGACY_MEMBERS, "dependencies", "completed", "status", "priority", "due")
READ_ONLY_MEMBERS: Final = ("id", "version", "completed_at", "created_at", "updated_at")


def parse_todo(value: object, *, known: Collection[str], todo_id: str | None = None) -> TodoBody:
    """Read a body; what is wrong with its members waits in the result until that is used.

    Args:
        value: The JSON value of the body.
        known: The names that members can have.
        todo_id: The id in the path; None when the service is to choose one.

    Raises:
        Refused: the value is no object.
    """
    if not isinstance(value, dict):
        raise refuse_members({"_schema": [words.INVALID_INPUT_TYPE]})
    members = Members(value, known=known)
    depends_on = members.read_nullable("depends_on", readers.read_reference)
    dependencies = members.read_nullable("dependencies", readers.read_references)
    written_id = members.read("id", readers.read_text)
    body = TodoBody(
        title=members.read("title", readers.read_text),
        description=members.read_nullable("description", readers.read_text),
        status=members.read("status", readers.read_status),
        completed=members.read("completed", readers.read_boolean),
        priority=members.read("priority", readers.read_priority),
        due=members.read_nullable("due", readers.read_due),
        references=_references(depends_on, dependencies),
        has_only_depends_on=depends_on is not UNSET and dependencies is UNSET,
        stored={
            "version": members.read("version", readers.read_integer),
            "created_at": members.read("created_at", readers.read_datetime),
            "updated_at": members.read("updated_at", readers.read_datetime),
            "completed_at": members.read_nullable("completed_at", readers.read_datetime),
        },
        errors={},
    )
    contradictions: FieldErrors = {}
    if not _is_same(written_id, todo_id):
        contradictions["id"] = [words.CHANGED]
    if not isinstance(dependencies, Unset) and not _is_same(depends_on, next(iter(dependencies or ()), None)):
        contradictions["depends_on"] = [words.OTHER_THAN_DEPENDENCIES]
    if UNSET not in {body.status, body.completed} and body.completed != (body.status is TodoStatus.COMPLETED):
        contradictions["completed"] = [words.OTHER_THAN_STATUS]
    return replace(body, errors=contradictions | _broken_rules(body) | members.errors)


def _references(depends_on: str | None | Unset, dependencies: Sequence[str] | None | Unset) -> Sequence[str] | Unset:
    if not isinstance(dependencies, Unset):
        return dependencies or ()
    if not isinstance(depends_on, Unset):
        return () if depends_on is None else (depends_on,)
    return UNSET


def _is_same(written: str | None | Unset, expected: str | None) -> bool:
    """Compare ids however they are spelled; what is not written contradicts nothing."""
    if isinstance(written, Unset) or written == expected:
        return True
    if written is None or expected is None:
        return False
    parsed = parse_todo_id(written)
    return parsed is not None and parsed == parse_todo_id(expected)


def _broken_rules(body: TodoBody) -> FieldErrors:
    """Check what the core would check, so that all that is wrong with a body is told at once."""
    try:
        check_patch(TodoPatch(title=body.title, description=body.description, dependencies=body.references))
    except Invalid as error:
        return body.words_of(error)
    return {}
