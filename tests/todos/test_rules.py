import pytest

from todo_gql.todos.commands import ChangeDependencies, TodoDraft, TodoPatch
from todo_gql.todos.problems import Invalid, Violation, ViolationRule
from todo_gql.todos.rules import check_dependency_changes, check_draft, check_patch, input_hash

ID = "01890000-0000-7000-8000-00000000abcd"


def broken_by(check: object, value: object) -> list[tuple[tuple[str, ...], ViolationRule, int | None]]:
    with pytest.raises(Invalid) as refusal:
        check(value)  # type: ignore[operator]  # One helper for the three checks.
    return [(broken.path, broken.rule, broken.limit) for broken in refusal.value.violations]


@pytest.mark.parametrize(
    ("draft", "path", "rule", "limit"),
    [
        (TodoDraft(title=""), ("title",), ViolationRule.BLANK, None),
        (TodoDraft(title=" \t\u2003"), ("title",), ViolationRule.BLANK, None),
        (TodoDraft(title="x" * 201), ("title",), ViolationRule.TOO_LONG, 200),
        (TodoDraft(title="x\0"), ("title",), ViolationRule.FORBIDDEN_CHARACTER, None),
        (TodoDraft(title="x\udfff"), ("title",), ViolationRule.FORBIDDEN_CHARACTER, None),
        (TodoDraft(title="x", description="x" * 10_001), ("description",), ViolationRule.TOO_LONG, 10_000),
        (TodoDraft(title="x", description="\ud800"), ("description",), ViolationRule.FORBIDDEN_CHARACTER, None),
        (TodoDraft(title="x", id="42"), ("id",), ViolationRule.MALFORMED, None),
        (TodoDraft(title="x", dependencies=[ID, "42"]), ("dependencies", "1"), ViolationRule.MALFORMED, None),
        (TodoDraft(title="x", dependencies=[ID] * 51), ("dependencies",), ViolationRule.TOO_MANY, 50),
    ],
)
def test_a_draft_that_breaks_a_rule_is_refused(
    draft: TodoDraft, path: tuple[str, ...], rule: ViolationRule, limit: int | None
) -> None:
    assert broken_by(check_draft, draft) == [(path, rule, limit)]


@pytest.mark.parametrize(
    "draft",
    [
        TodoDraft(title="x" * 200, description="y" * 10_000, dependencies=[ID] * 50),
        TodoDraft(title="👩‍👩‍👧", description=""),
        TodoDraft(title="\x01\ufffe", id=ID.replace("-", "").upper()),
    ],
    ids=["longest", "shortest", "odd"],
)
def test_a_draft_at_the_bounds_is_accepted(draft: TodoDraft) -> None:
    check_draft(draft)


def test_every_broken_rule_is_reported_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        check_draft(TodoDraft(title="", id="42", dependencies=["x"]))

    assert refusal.value.message == "The title is blank. An id is a UUID."
    assert refusal.value.violations == (
        Violation(path=("title",), rule=ViolationRule.BLANK, message="The title is blank."),
        Violation(path=("id",), rule=ViolationRule.MALFORMED, message="An id is a UUID."),
        Violation(path=("dependencies", "0"), rule=ViolationRule.MALFORMED, message="An id is a UUID."),
    )


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        (TodoPatch(title=None), "title"),
        (TodoPatch(status=None), "status"),
        (TodoPatch(priority=None), "priority"),
    ],
)
def test_a_field_that_cannot_be_empty_cannot_be_cleared(patch: TodoPatch, field: str) -> None:
    assert broken_by(check_patch, patch) == [((field,), ViolationRule.NOT_NULL, None)]


def test_a_field_that_can_be_empty_can_be_cleared() -> None:
    check_patch(TodoPatch(description=None, due=None, dependencies=None))


def test_dependencies_to_add_and_to_remove_are_checked_alike() -> None:
    changes = ChangeDependencies(id=ID, add=["x"], remove=[ID, "y"])

    assert broken_by(check_dependency_changes, changes) == [
        (("add", "0"), ViolationRule.MALFORMED, None),
        (("remove", "1"), ViolationRule.MALFORMED, None),
    ]


def test_the_hash_of_an_input_sees_its_meaning_and_not_its_spelling() -> None:
    draft = TodoDraft(title="x", dependencies=[ID])

    assert input_hash(draft) == input_hash(TodoDraft(title="x", dependencies=[ID.upper(), ID.replace("-", "")]))
    assert input_hash(draft) != input_hash(TodoDraft(title="x"))
    assert input_hash(TodoDraft(title="x")) != input_hash(TodoDraft(title="x", description=""))
