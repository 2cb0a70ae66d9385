import re
import shutil
import signal
import socket
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests import loopback
from tests.command import call
from tests.process import run, serving
from todo_gql.graphql.schema import print_sdl
from todo_gql.server import is_local, listen

pytestmark = pytest.mark.process


def test_it_tells_its_version(tmp_path: Path) -> None:
    done = run(tmp_path, "--version")

    assert done.returncode == 0
    assert re.fullmatch(r"todo-gql \d+\.\d+\.\d+\n", done.stdout)


def test_without_a_command_it_says_which_there_are(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.returncode == 2
    assert "usage: todo-gql" in done.stderr


def test_the_schema_is_printed(tmp_path: Path) -> None:
    done = run(tmp_path, "schema")

    assert done.returncode == 0
    assert done.stdout == print_sdl()


def test_the_service_says_where_it_listens_and_on_which_database(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        answer = loopback.get(f"{service.url}/readyz")

    assert answer.status_code == 200
    assert re.search(
        r"todo-gql \S+ listens on http://127\.0\.0\.1:\d+ \(GraphQL at /graphql, REST at /todos\), "
        rf"database sqlite:///{tmp_path}/todo\.db$",
        service.first_line,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        loopback.get(f"{service.url}/todos")
        service.signal(number)
        code, rest = service.wait()

    assert code == 0
    assert rest.endswith(" todo_gql.server: todo-gql has stopped\n")
    assert "Traceback" not in rest


def test_a_request_that_is_under_way_is_answered_before_the_stop(tmp_path: Path) -> None:
    head = b"POST /todos HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n"
    with serving(tmp_path) as service:
        address = httpx.URL(service.url)
        with socket.create_connection((address.host, address.port or 0)) as connection:
            connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
            # It has begun to read the body.
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
            service.signal(signal.SIGTERM)
            connection.sendall(b'{"title":"Buy yeast"')
            answer = connection.makefile("rb").readline()
        code, _ = service.wait()

    assert answer == b"HTTP/1.1 400 Bad Request\r\n"
    assert code == 0


def test_a_request_is_logged_in_plain_lines_with_its_trace_id_and_without_what_was_typed(tmp_path: Path) -> None:
    with serving(tmp_path, APP_FAULT_INJECTION="true") as service:
        failed = loopback.get(f"{service.url}/todos/%0A%1B?simulate_error=500")
        service.signal(signal.SIGTERM)
        _, rest = service.wait()

    lines = [line for line in rest.splitlines() if failed.json()["traceId"] in line]
    assert len(lines) == 2
    assert re.fullmatch(r"\S+Z ERROR   \w{32} todo_gql\.asgi\.errors: GET /todos/{id} failed", lines[0])
    assert re.fullmatch(r'\S+Z INFO    \w{32} uvicorn\.access: \S+ - "GET /todos/{id} HTTP/1\.1" 500', lines[1])
    assert rest.count("Traceback") == 1


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        done = run(tmp_path, "serve", APP_PORT=str(port))

    assert done.returncode == 1
    assert done.stderr == (
        f"todo-gql: Port {port} on 127.0.0.1 is in use: stop what listens there, or choose another with APP_PORT.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_one_is_one_sentence(host: str, tmp_path: Path) -> None:
    done = call(tmp_path, "serve", APP_HOST=host)

    assert done.returncode == 1
    assert done.stderr == (
        f"todo-gql: APP_HOST must be an address of this machine, and {host} is none: try 127.0.0.1 or 0.0.0.0.\n"
    )


def test_wrong_settings_are_a_sentence_each(tmp_path: Path) -> None:
    done = call(tmp_path, "serve", APP_PORT="http", APP_LIMIT_PAGE="0")

    assert done.returncode == 2
    assert done.stderr == (
        "todo-gql: APP_PORT must be a whole number from 0 to 65535, not 'http'.\n"
        "todo-gql: APP_LIMIT_PAGE must be a whole number from 20 to 1000, not '0'.\n"
    )


def test_an_unknown_variable_is_one_line_of_warning(tmp_path: Path) -> None:
    done = call(tmp_path, "migrate", APP_DATABSE_URL="x")

    warnings = [line for line in done.stderr.splitlines() if "APP_" in line]
    assert done.returncode == 0
    assert len(warnings) == 1
    assert warnings[0].endswith("APP_DATABSE_URL is not a setting and is ignored; did you mean APP_DATABASE_URL?")


# With documents that are nowhere it gets no further than the port, so that the test serves nobody.
FAILING = {"APP_PORT": "0", "APP_GRAPHQL_DOCUMENTS": "only"}
TOKENS = {"APP_AUTH_ISSUER": "https://id.example.com", "APP_AUTH_AUDIENCE": "todos"}


@pytest.mark.parametrize(
    ("host", "tokens", "warnings"),
    [
        pytest.param("0.0.0.0", {}, 1, id="every address"),
        pytest.param("0.0.0.0", TOKENS, 0, id="every address, with tokens"),
        pytest.param("127.0.0.1", {}, 0, id="this machine"),
        pytest.param("localhost", {}, 0, id="this machine by its name"),
    ],
)
def test_it_says_once_that_everyone_may_do_everything(
    host: str, tokens: dict[str, str], warnings: int, tmp_path: Path
) -> None:
    done = call(tmp_path, "serve", APP_HOST=host, **FAILING, **tokens)

    assert done.returncode == 2
    said = "Authentication is off: whoever reaches 0.0.0.0 reads and changes every todo. APP_AUTH_ISSUER and"
    assert done.stderr.count(said) == warnings
    assert done.stderr.count("Authentication is off") == warnings


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("todo.example.com", False),
    ],
)
def test_some_addresses_are_for_this_machine_alone(host: str, *, local: bool) -> None:
    assert is_local(host) is local


@pytest.mark.parametrize(
    ("command", "url", "code"),
    [
        pytest.param("serve", "mysql://user:hunter2@127.0.0.1/todos", 2, id="another kind"),
        pytest.param("serve", "postgresql://user:hunter2@127.0.0.1:1/todos", 1, id="nobody there"),
        pytest.param("migrate", "postgresql://user:hunter2@127.0.0.1:1/todos", 1, id="nobody to migrate"),
        pytest.param("export", "postgresql://user:hunter2@127.0.0.1:1/todos", 1, id="nobody to export"),
        pytest.param("serve", "postgresql://user:hunter2@127.0.0.1/todos?hunter2", 2, id="a parameter that is none"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(command: str, url: str, code: int, tmp_path: Path) -> None:
    done = run(tmp_path, command, APP_PORT="0", APP_DATABASE_URL=url)

    assert done.returncode == code
    assert re.fullmatch(r"todo-gql: .+\.\n", done.stderr)
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "migrate", "doctor"])
def test_a_file_that_is_no_database_is_one_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "todo.db").write_text("Dear diary, " * 1000)

    done = run(tmp_path, command, APP_PORT="0")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "file is not a database" in done.stderr + done.stdout


def test_postgresql_is_migrated_when_asked_and_not_by_serving(empty_postgresql_url: str, tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", APP_PORT="0", APP_DATABASE_URL=empty_postgresql_url)
    migrated = run(tmp_path, "migrate", APP_DATABASE_URL=empty_postgresql_url)

    assert refused.returncode == 1
    assert refused.stderr == "todo-gql: The database is empty: run `todo-gql migrate`.\n"
    assert migrated.returncode == 0
    assert re.fullmatch(r"postgresql://\S+: revision none, now \d+\.\n", migrated.stdout)


def test_a_migrated_database_stays_as_it_is(sqlite_template: Path, tmp_path: Path) -> None:
    done = call(tmp_path, "migrate", APP_DATABASE_URL=f"sqlite:///{sqlite_template}")

    assert re.fullmatch(r"sqlite:///\S+: revision (\d+), now \1\.\n", done.stdout)


def test_a_migration_can_be_taken_back(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "todo.db")

    done = call(tmp_path, "migrate", "--downgrade", "base")

    assert re.fullmatch(r"sqlite:///\S+: revision \d+, now none\.\n", done.stdout)


def test_the_purge_says_what_it_removed(tmp_path: Path) -> None:
    database = {"APP_DATABASE_URL": f"sqlite:///{tmp_path}/todo.db"}
    call(tmp_path, "migrate", **database)
    with sqlite3.connect(tmp_path / "todo.db") as connection:
        connection.execute(
            "INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at) "
            "VALUES ('', '01890000000070008000000000000001', 'CREATED', 1, '[]', '2020-01-01T00:00:00.000000+00:00')"
        )
    connection.close()

    done = call(tmp_path, "purge", **database)

    assert done.stdout == (
        f"sqlite:///{tmp_path}/todo.db: removed 0 todos from the trash, 1 changes from the log "
        "and 0 idempotency keys.\n"
    )
