from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import run
from todo_gql.database import parse_database_url
from todo_gql.server import listen


@pytest.fixture
def taken_port() -> Iterator[str]:
    with listen("127.0.0.1", 0) as listener:
        yield str(listener.getsockname()[1])


def test_the_doctor_finds_nothing_to_do(sqlite_template: Path, taken_port: str, tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "doctor",
        APP_DATABASE_URL=f"sqlite:///{sqlite_template}",
        APP_PORT="0",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{taken_port}",
    )

    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["ok", "settings"],
        ["ok", "database"],
        ["ok", "migrations"],
        ["ok", "collector"],
        ["ok", "port"],
    ]


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", APP_PORT="0")

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_every_problem(empty_postgresql_url: str, taken_port: str, tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "doctor",
        APP_DATABASE_URL=empty_postgresql_url,
        APP_HOSTS="x",
        APP_PORT=taken_port,
        OTEL_EXPORTER_OTLP_ENDPOINT="no-such-host.invalid:4317",
    )

    assert done.returncode == 1
    assert [line.split(maxsplit=2) for line in done.stdout.splitlines()] == [
        ["note", "settings", "APP_HOSTS is not a setting and is ignored; did you mean APP_HOST?"],
        ["ok", "settings", "Every value can be used."],
        ["ok", "database", f"{parse_database_url(empty_postgresql_url)} answers."],
        ["problem", "migrations", "The database is empty: run `todo-gql migrate`."],
        [
            "problem",
            "collector",
            "Nothing listens on no-such-host.invalid:4317: start the collector, or unset OTEL_EXPORTER_OTLP_ENDPOINT.",
        ],
        [
            "problem",
            "port",
            f"Port {taken_port} on 127.0.0.1 is in use: stop what listens there, or choose another with APP_PORT.",
        ],
    ]


def test_the_doctor_says_what_is_wrong_with_settings(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", APP_DATABASE_URL="mysql://user:hunter2@127.0.0.1/todos")

    assert done.returncode == 1
    assert done.stdout == (
        "problem  settings   APP_DATABASE_URL cannot be used. "
        "The database URL must begin with sqlite:/// or with postgresql://.\n"
    )
