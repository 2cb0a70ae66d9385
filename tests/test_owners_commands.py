"""What an operator does when todos get owners: `todo-gql migrate`, `doctor`, `serve` and `assign`."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command import call
from tests.process import run, serving
from todo_gql.auth.owner import owner_of
from todo_gql.database import parse_database_url

pytestmark = pytest.mark.process

ISSUER = "http://127.0.0.1:1/realms/todos"
AUTHENTICATION = {"APP_AUTH_ISSUER": ISSUER, "APP_AUTH_AUDIENCE": "todos"}


@pytest.fixture
def open_settings(owners_role: str, database_url: str) -> Mapping[str, str]:
    """A migrated database without owners."""
    return {"APP_DATABASE_URL": database_url, "APP_DATABASE_ROLE": owners_role, "APP_PORT": "0"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_migrate_has_postgresql_keep_owners_apart_once_there_are_any(
    open_settings: Mapping[str, str], owners_role: str, tmp_path: Path
) -> None:
    settings = {**open_settings, **AUTHENTICATION}

    refused = run(tmp_path, "serve", **settings)
    told = call(tmp_path, "doctor", **settings)
    migrated = call(tmp_path, "migrate", **settings)
    found = call(tmp_path, "doctor", **settings)
    with serving(tmp_path, **settings):
        pass
    with serving(tmp_path, **open_settings):
        pass

    assert refused.returncode == told.returncode == 1
    assert (
        f"cannot take the role {owners_role}, by which owners are kept apart: run `todo-gql migrate`." in refused.stderr
    )
    assert f"problem  owners     The user tests cannot take the role {owners_role}" in told.stdout
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert f"ok       owners     Row-level security keeps owners apart, for the role {owners_role}." in found.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_doctor_says_that_sqlite_keeps_nobody_apart(open_settings: Mapping[str, str], tmp_path: Path) -> None:
    told = call(tmp_path, "doctor", **open_settings, **AUTHENTICATION)

    assert "ok       owners     Every statement asks for the owner's rows alone" in told.stdout


def test_nobodys_todos_are_given_to_an_owner(open_settings: Mapping[str, str], tmp_path: Path) -> None:
    settings = {**open_settings, **AUTHENTICATION}
    url = parse_database_url(open_settings["APP_DATABASE_URL"])
    alice, bob = owner_of(ISSUER, "alice"), owner_of("https://id.example.com", "bob")
    with serving(tmp_path, **open_settings) as service:
        call(tmp_path, "seed", "--url", service.url)

    rehearsed = call(tmp_path, "assign", "alice", "--dry-run", **settings)
    given = call(tmp_path, "assign", "alice", **settings)
    again = call(tmp_path, "assign", "alice", **settings)
    moved = call(
        tmp_path,
        "assign",
        "bob",
        "--from",
        "alice",
        **{**settings, "APP_AUTH_ISSUER": "https://id.example.com"},
    )
    taken = call(
        tmp_path,
        "assign",
        "bob",
        "--from",
        "alice",
        "--from-issuer",
        ISSUER,
        **{**settings, "APP_AUTH_ISSUER": "https://id.example.com"},
    )

    amount = "42 todos, 41 dependencies and 0 idempotency keys"
    nothing = "0 todos, 0 dependencies and 0 idempotency keys"
    assert rehearsed.stdout == f"{url}: would give {amount} to alice (owner {alice}).\n"
    assert given.stdout == f"{url}: gave {amount} to alice (owner {alice}).\n"
    assert again.stdout == f"{url}: gave {nothing} to alice (owner {alice}).\n"
    assert moved.stdout == f"{url}: gave {nothing} to bob (owner {bob}).\n"
    assert taken.stdout == f"{url}: gave {amount} to bob (owner {bob}).\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "settings", "code", "sentence"),
    [
        (["alice"], {}, 2, "APP_AUTH_ISSUER must say who issues the tokens of owners."),
        (["alice", "--from", "alice"], AUTHENTICATION, 1, "These todos are theirs already."),
        (["alice", "--from-issuer", ISSUER], AUTHENTICATION, 1, "--from-issuer goes with --from."),
        (
            ["alice"],
            {**AUTHENTICATION, "APP_DATABASE_URL": "sqlite:///none.db"},
            1,
            "There is no sqlite:///{}/none.db.",
        ),
    ],
)
def test_what_cannot_be_given_is_said(
    open_settings: Mapping[str, str],
    arguments: list[str],
    settings: Mapping[str, str],
    code: int,
    sentence: str,
    tmp_path: Path,
) -> None:
    done = call(tmp_path, "assign", *arguments, **{**open_settings, **settings})

    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"todo-gql: {sentence.format(tmp_path)}\n")
