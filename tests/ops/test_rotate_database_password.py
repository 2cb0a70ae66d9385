import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from todo_gql.database import PostgreSQLURL, parse_database_url

SCRIPT = Path(__file__).parent.parent.parent / "ops/azure/rotate-database-password.sh"

# Azure's command line, as far as the script knows it: tells of the server, and keeps what it is handed.
AZ = """#!/bin/sh
echo "$*" >>"$CALLS/arguments"
for argument; do
    case $before in
        --file) cat "$argument" >"$CALLS/url" ;;
        --admin-password) cat "${argument#@}" >"$CALLS/password" ;;
        --query) case $argument in fully*) echo todo.example.com ;; *) echo todo ;; esac ;;
    esac
    before=$argument
done
case "$*" in *"$FAIL"*) exit 3 ;; esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    exit_code: int
    said: str
    handed: Mapping[str, str]


def rotate(directory: Path, *, fail: str = "nothing fails") -> Rotation:
    az = directory / "az"
    az.write_text(AZ)
    az.chmod(0o755)
    calls = directory / "calls"
    calls.mkdir()
    temporary = directory / "tmp"
    temporary.mkdir()
    environment = {"PATH": f"{directory}:{os.environ['PATH']}", "CALLS": str(calls), "FAIL": fail}
    done = subprocess.run(
        [SCRIPT, "group", "server", "vault"],
        env={**environment, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert list(temporary.iterdir()) == []
    return Rotation(
        exit_code=done.returncode,
        said=done.stdout + done.stderr,
        handed={path.name: path.read_text() for path in calls.iterdir()},
    )


def test_the_server_gets_the_password_that_the_vault_holds(tmp_path: Path) -> None:
    rotation = rotate(tmp_path)

    password = rotation.handed["password"]
    url = parse_database_url(rotation.handed["url"])
    assert rotation.exit_code == 0
    assert isinstance(url, PostgreSQLURL)
    assert url.dsn.startswith(f"postgresql://todo:{password}@todo.example.com:5432/todo?sslmode=verify-full&")
    assert len(password) == 51


def test_no_two_are_alike(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert rotate(tmp_path / "a").handed["password"] != rotate(tmp_path / "b").handed["password"]


def test_the_password_is_neither_printed_nor_an_argument(tmp_path: Path) -> None:
    rotation = rotate(tmp_path)

    password = rotation.handed["password"]
    assert password not in rotation.said
    assert password not in rotation.handed["arguments"]


def test_without_the_vault_the_server_keeps_its_password(tmp_path: Path) -> None:
    rotation = rotate(tmp_path, fail="keyvault secret set")

    assert rotation.exit_code == 3
    assert "password" not in rotation.handed


@pytest.mark.parametrize("arguments", [[], ["group"], ["group", "server", "vault", "more"]])
def test_it_says_how_it_is_called(arguments: list[str]) -> None:
    done = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "RESOURCE_GROUP SERVER VAULT" in done.stderr
