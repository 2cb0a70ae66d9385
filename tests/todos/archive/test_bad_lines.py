"""A line that cannot be imported is named, with what to do, and everything before it is in."""

import json
from typing import Any, Final

import pytest

from tests.todos.archive.world import ID, exported, imported
from tests.todos.test_changes import state
from tests.todos.world import World
from todo_gql.todos.archive.batches import MAX_LINE_BYTES, Refused

MEMBERS: Final[dict[str, Any]] = {
    "owner": "",
    "id": ID.format(1),
    "title": "Milk",
    "description": None,
    "status": "OPEN",
    "priority": "NONE",
    "due": None,
    "version": 1,
    "created_at": "2026-11-23T08:00:00Z",
    "updated_at": "2026-11-23T08:00:00Z",
    "completed_at": None,
    "trashed_at": None,
    "input_hash": None,
}
HEAD: Final = {"export": {"version": 1, "todos": 2, "dependencies": 1}}


def todo(**members: object) -> dict[str, object]:
    return {"todo": MEMBERS | members}


def dependencies(*depends_on: int, number: int = 1, **members: object) -> dict[str, object]:
    ids = [ID.format(each) for each in depends_on]
    created_at = MEMBERS["created_at"]
    return {
        "dependencies": {
            "owner": "",
            "id": ID.format(number),
            "created_at": created_at,
            "version": 1,
            "depends_on": ids,
            **members,
        }
    }


def file(*lines: object) -> bytes:
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


MILK: Final = todo()
BREAD: Final = todo(id=ID.format(2), title="Bread")


async def refusal(world: World, *lines: object) -> str:
    with pytest.raises(Refused) as refused:
        await imported(world, file(*lines))
    return str(refused.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"", "It is not JSON: each line is one whole object, in UTF-8.", id="blank"),
        pytest.param(b'{"todo":{"owner":"', "It is not JSON: each line is one whole object, in UTF-8.", id="torn"),
        pytest.param(b'{"todo":"\xff"}', "It is not JSON: each line is one whole object, in UTF-8.", id="not UTF-8"),
        pytest.param(
            b" " * (MAX_LINE_BYTES + 1), f"It is longer than {MAX_LINE_BYTES} bytes: is it a line at all?", id="huge"
        ),
        pytest.param(
            [], 'A line is an object with the one member "export", "todo" or "dependencies".', id="not an object"
        ),
        pytest.param(HEAD, 'Only the first line is "export": import one file after the other.', id="two files"),
        pytest.param(
            {"todo": {"title": "Milk"}},
            "It needs the members owner, id, title, description, status, priority, due, version, created_at, "
            "updated_at, completed_at, trashed_at, input_hash, and no others.",
            id="members missing",
        ),
        pytest.param(todo(id="7"), 'The value of "id" cannot be used. An id is a UUID.', id="id"),
        pytest.param(
            todo(title="\0"),
            'The value of "title" cannot be used. It is text without U+0000, which PostgreSQL does not store.',
            id="U+0000",
        ),
        pytest.param(
            todo(title="x" * 2501),
            "Owner and title are longer than 2500 bytes together: shorten the title.",
            id="no index holds it",
        ),
        pytest.param(
            todo(status="DONE"),
            'The value of "status" cannot be used. It is one of OPEN, IN_PROGRESS, COMPLETED, CANCELLED.',
            id="status",
        ),
        pytest.param(
            todo(version=0), 'The value of "version" cannot be used. It is a whole number from 1 on.', id="version"
        ),
        pytest.param(
            todo(created_at="yesterday"),
            'The value of "created_at" cannot be used. '
            "A DateTime is an RFC 3339 instant with an offset, such as 2026-11-23T08:00:00Z.",
            id="instant",
        ),
        pytest.param(
            todo(due={"date": "2026-12-24", "at": None, "time_zone": "Europe/Berlin"}),
            'The value of "due" cannot be used. "at" and "time_zone" belong together.',
            id="due",
        ),
        pytest.param(
            todo(input_hash="xy"), 'The value of "input_hash" cannot be used. It is hexadecimal.', id="input hash"
        ),
        pytest.param(
            todo(status="COMPLETED"),
            '"completed_at" belongs to the status COMPLETED: one is there without the other.',
            id="completed without a time",
        ),
        pytest.param(
            dependencies(),
            'The value of "depends_on" cannot be used. It is a list of 1 to 50 ids.',
            id="no dependency",
        ),
        pytest.param(
            dependencies(2, 2), 'The value of "depends_on" cannot be used. It names a todo twice.', id="twice"
        ),
        pytest.param(dependencies(1), "A todo cannot depend on itself: take it out.", id="itself"),
    ],
)
async def test_a_line_that_is_none_is_refused_with_what_to_do(world: World, line: object, reason: str) -> None:
    assert await refusal(world, HEAD, BREAD, line, MILK) == f"Line 3: {reason}"
    assert list(await state(world)) == [ID.format(2)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(MILK, 'An export begins with the line "export": is this the whole file?', id="cut off"),
        pytest.param(
            {"export": {"version": 2}},
            "This is not version 1 of an export: import it with the release that wrote it.",
            id="a newer version",
        ),
        pytest.param(b"PGDMP", "It is not JSON: each line is one whole object, in UTF-8.", id="something else"),
    ],
)
async def test_a_file_that_is_no_export_is_refused(world: World, line: object, reason: str) -> None:
    assert await refusal(world, line, MILK) == f"Line 1: {reason}"
    assert await state(world) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_todos_after_dependencies_are_refused(world: World) -> None:
    told = await refusal(world, HEAD, MILK, BREAD, dependencies(2), todo(id=ID.format(3)))

    assert told == "Line 5: The lines of todos come before those of dependencies: move it there."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_missing_part_is_told(world: World) -> None:
    told = await refusal(world, HEAD, MILK)

    assert told == (
        "The file has 1 todos and 0 dependencies, and its first line says 2 and 1: "
        "a part of it is missing, or was added."
    )
    assert list(await state(world)) == [ID.format(1)]


async def test_a_dependency_on_a_todo_that_is_not_there_is_refused(world: World) -> None:
    told = await refusal(world, HEAD, MILK, BREAD, dependencies(2), dependencies(3, number=2))

    assert told == (
        f"Line 5: Its owner has no todo {ID.format(3)}: put the line of that todo before it, or take the id out."
    )
    assert (await exported(world)).count(b"depends_on") == 1


async def test_a_dependency_on_anothers_todo_is_refused(world: World) -> None:
    told = await refusal(world, HEAD, MILK, todo(id=ID.format(2), owner="alice"), dependencies(2))

    assert told.startswith(f"Line 4: Its owner has no todo {ID.format(2)}:")


@pytest.mark.parametrize("is_in_one_batch", [True, False])
async def test_a_cycle_is_refused_where_it_closes(world: World, is_in_one_batch: bool) -> None:
    todos = [todo(id=ID.format(number), title="x" * (1 if is_in_one_batch else 2000)) for number in range(200)]
    # 199 depends on 198, and so on, each by a line of its own; then 0 depends on 199, and 1 on 198.
    chain = [dependencies(number - 1, number=number) for number in range(199, 0, -1)]

    told = await refusal(world, HEAD, *todos, *chain, dependencies(199, number=0), dependencies(198, number=1))

    assert told == (
        f"Line 401: The todo {ID.format(0)} would come to depend on itself: take out what closes the cycle."
    )
    assert (await exported(world)).count(b"depends_on") == 199
