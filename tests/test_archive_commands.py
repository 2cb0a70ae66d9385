"""`todo-gql export` and `todo-gql import`, as an operator runs them."""

import os
import pty
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command import call
from tests.process import COMMAND, environment, serving

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The settings of a SQLite database with the 42 example todos, only to be read."""
    directory = tmp_path_factory.mktemp("full")
    settings = {"APP_DATABASE_URL": f"sqlite:///{directory}/full.db"}
    with serving(directory, **settings) as service:
        call(directory, "seed", "--url", service.url)
    return settings


def test_a_pipe_moves_everything_to_postgresql_and_back(
    full: Mapping[str, str], empty_postgresql_url: str, tmp_path: Path
) -> None:
    postgresql = {"APP_DATABASE_URL": empty_postgresql_url}
    back = {"APP_DATABASE_URL": f"sqlite:///{tmp_path}/back.db"}
    call(tmp_path, "migrate", **postgresql)

    for origin, destination in ((full, postgresql), (postgresql, back)):
        with subprocess.Popen(
            [*COMMAND, "export"], env=environment(origin), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as exporting:
            importing = subprocess.run(
                [*COMMAND, "import"],
                env=environment(destination),
                stdin=exporting.stdout,
                capture_output=True,
                text=True,
                check=True,
            )
            assert exporting.stderr is not None
            told = exporting.stderr.read().decode()

        assert re.fullmatch(r"\S+: exported 42 todos and 41 dependencies\.\n", told)
        assert re.fullmatch(
            r"\S+: 42 todos and 41 dependencies are imported, 0 todos were there already\.\n", importing.stdout
        )
    assert call(tmp_path, "export", **back).stdout == call(tmp_path, "export", **full).stdout


def test_a_file_has_its_name_only_when_it_is_whole(full: Mapping[str, str], tmp_path: Path) -> None:
    name = tmp_path / "todos.jsonl"
    name.write_text("yesterday's")

    failed = call(tmp_path, "export", str(name), APP_DATABASE_URL="postgresql://127.0.0.1:1/todos")
    kept = name.read_text()
    done = call(tmp_path, "export", str(name), **full)

    assert (failed.returncode, kept) == (1, "yesterday's")
    assert done.returncode == 0
    assert name.read_text() == call(tmp_path, "export", **full).stdout
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("todos.jsonl")] == ["todos.jsonl"]


def test_what_is_in_already_is_told_when_it_fails(full: Mapping[str, str], tmp_path: Path) -> None:
    lines = call(tmp_path, "export", **full).stdout.splitlines()
    name = tmp_path / "todos.jsonl"
    name.write_text("\n".join([*lines[:41], lines[41].replace('"OPEN"', '"DONE"'), *lines[42:]]))

    failed = call(tmp_path, "import", str(name), APP_DATABASE_URL=f"sqlite:///{tmp_path}/new.db")

    assert failed.returncode == 1
    assert failed.stderr == (
        'todo-gql: Line 42: The value of "status" cannot be used. It is one of OPEN, IN_PROGRESS, COMPLETED, '
        "CANCELLED. So far: 40 todos and 0 dependencies are imported, 0 todos were there already. "
        "Import the file again to go on.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["import", "none.jsonl"], "none.jsonl cannot be read: No such file or directory.", id="no file"),
        pytest.param(
            ["export", "none/todos.jsonl"],
            "none/todos.jsonl cannot be written: No such file or directory.",
            id="no folder",
        ),
        pytest.param(["export"], "There is no sqlite:///{}/todo.db to export.", id="no database"),
    ],
)
def test_what_is_not_there_is_one_sentence(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = call(tmp_path, *arguments)

    assert done.returncode == 1
    assert done.stderr == f"todo-gql: {message.format(tmp_path)}\n"
    assert not list(tmp_path.glob("*.db"))


def test_a_reader_that_leaves_is_one_sentence(full: Mapping[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "export"], env=environment(full), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)

    assert done.returncode == 1
    assert done.stderr == "todo-gql: The export is not complete, as it cannot be written: Broken pipe.\n"


def test_postgresql_is_not_migrated_by_an_import(empty_postgresql_url: str, tmp_path: Path) -> None:
    done = call(tmp_path, "import", APP_DATABASE_URL=empty_postgresql_url)

    assert done.stderr == "todo-gql: The database is empty: run `todo-gql migrate`.\n"


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_terminal_shows_how_far_it_is(command: str, full: Mapping[str, str], tmp_path: Path) -> None:
    call(tmp_path, "export", "todos.jsonl", **full)
    ours, theirs = pty.openpty()

    subprocess.run([*COMMAND, command, "todos.jsonl"], cwd=tmp_path, env=environment(full), stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    assert f"[{'#' * 30}] 100%  83 of 83\r\x1b[2K" in shown
