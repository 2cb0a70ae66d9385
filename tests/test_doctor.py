from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.issuer import running_issuer
from tests.process import run
from todo_gql.database import parse_database_url
from todo_gql.doctor import examine_issuer
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


async def test_the_doctor_asks_the_issuer_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with running_issuer() as issuer:
        there = await examine_issuer(issuer.url)
        issuer.description["issuer"] = "https://id.example.com"
        another = await examine_issuer(issuer.url)

    assert there == ("ok", "issuer", f"{issuer.url} answers; keys that tokens can be signed by: 1.")
    assert another == (
        "problem",
        "issuer",
        f"The description at {issuer.url} is of another issuer, 'https://id.example.com'. "
        "Without its keys nobody is let in: see APP_AUTH_ISSUER.",
    )


def test_the_doctor_asks_no_issuer_unless_there_is_one(tmp_path: Path) -> None:
    tokens = {"APP_AUTH_ISSUER": "http://127.0.0.1:1", "APP_AUTH_AUDIENCE": "todos", "NO_PROXY": "127.0.0.1"}

    off = run(tmp_path, "doctor", APP_PORT="0")
    on = run(tmp_path, "doctor", APP_PORT="0", **tokens)

    assert "ok       issuer" not in off.stdout
    assert "problem" not in off.stdout
    assert on.returncode == 1
    assert "problem  issuer     http://127.0.0.1:1/.well-known/openid-configuration cannot be read" in on.stdout
