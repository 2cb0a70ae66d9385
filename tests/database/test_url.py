"""Which database a URL means, and what is said of one that means none."""

from pathlib import Path

import pytest

from todo_gql.database import DatabaseURLError, PostgreSQLURL, SQLiteURL, parse_database_url


def test_a_relative_sqlite_path_starts_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    url = parse_database_url("sqlite:///todo.db")

    assert url == SQLiteURL(path=tmp_path / "todo.db")
    assert str(url) == f"sqlite:///{tmp_path}/todo.db"


def test_an_absolute_sqlite_path_is_itself(tmp_path: Path) -> None:
    url = parse_database_url(f"sqlite:///{tmp_path}/todo.db")

    assert url == SQLiteURL(path=tmp_path / "todo.db")


def test_the_old_services_place_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("instance").mkdir()
    Path("instance/test.db").touch()

    url = parse_database_url("sqlite:///test.db")

    assert url == SQLiteURL(path=tmp_path / "instance" / "test.db")


def test_two_files_that_could_be_meant_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("instance").mkdir()
    Path("instance/test.db").touch()
    Path("test.db").touch()

    with pytest.raises(DatabaseURLError) as failure:
        parse_database_url("sqlite:///test.db")

    assert str(failure.value) == ("Both test.db and instance/test.db exist: name the right one by its absolute path.")


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"])
def test_an_in_memory_database_is_refused(text: str) -> None:
    with pytest.raises(DatabaseURLError) as failure:
        parse_database_url(text)

    assert str(failure.value) == ("SQLite needs a file: each connection to an in-memory database would see its own.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sqlite:////no/such/folder/todo.db",
            "The folder /no/such/folder for the SQLite database does not exist.",
        ),
        (
            "sqlite://todo.db",
            "A SQLite URL has three slashes before a relative path, four before an absolute one.",
        ),
        (
            "sqlite:///todo.db?mode=ro",
            "The database URL has the parameter 'mode', which is not known.",
        ),
    ],
    ids=["folder", "slashes", "parameter"],
)
def test_a_sqlite_url_that_names_no_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(DatabaseURLError) as failure:
        parse_database_url(text)

    assert str(failure.value) == message


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_a_postgresql_url_keeps_its_password_for_the_driver_alone(scheme: str) -> None:
    url = parse_database_url(f"{scheme}://user%40server:p%40ss%2Fw%3Aord@db.example:6432/tododb?sslmode=require")

    assert url == PostgreSQLURL(
        dsn="postgresql://user%40server:p%40ss%2Fw%3Aord@db.example:6432/tododb?sslmode=require",
        printable="postgresql://user%40server@db.example:6432/tododb?sslmode=require",
        user="user@server",
        host="db.example",
        port=6432,
        database="tododb",
        ssl_mode="require",
        connect_timeout_s=None,
        server_settings={},
        is_pooled=False,
        is_encrypted=True,
    )
    assert "p%40ss" not in f"{url} {url!r}"


def test_a_pooler_is_told_of() -> None:
    url = parse_database_url("postgresql://pooler/todo?pgbouncer=true")

    assert isinstance(url, PostgreSQLURL)
    assert url.is_pooled
    assert url.dsn == "postgresql://pooler/todo?"
    assert str(url) == "postgresql://pooler/todo?pgbouncer=true"


def test_a_pooler_is_there_or_is_not() -> None:
    with pytest.raises(DatabaseURLError, match="pgbouncer of the database URL must be true or false"):
        parse_database_url("postgresql://pooler/todo?pgbouncer=perhaps")


@pytest.mark.parametrize(
    ("location", "host", "port"),
    [
        ("db.example/todo", "db.example", None),
        ("first:5433,second/todo", "first", 5433),
        ("[::1]:5433/todo", "[::1]", 5433),
        ("%2Fvar%2Frun%2Fpostgresql/todo", "/var/run/postgresql", None),
        ("/todo?host=/var/run/postgresql", "/var/run/postgresql", None),
        ("/todo", None, None),
    ],
    ids=["host", "several hosts", "IPv6", "socket", "socket as a parameter", "none"],
)
def test_the_first_host_is_where_a_database_is_shown_to_be(location: str, host: str | None, port: int | None) -> None:
    url = parse_database_url(f"postgresql://{location}")

    assert isinstance(url, PostgreSQLURL)
    assert (url.host, url.port, url.database) == (host, port, "todo")
    assert str(url) == f"postgresql://{location}"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("sslmode=verify-full&sslrootcert=/etc/ca.pem", "sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"),
        ("ssl=require", "sslmode=require"),
        ("target_session_attrs=read-write", "target_session_attrs=read-write"),
        ("gssencmode=disable&keepalives=1&keepalives_idle=30", ""),
    ],
    ids=["certificate", "ssl", "session", "ignored"],
)
def test_the_driver_gets_the_parameters_that_it_knows(query: str, parameters: str) -> None:
    url = parse_database_url(f"postgresql://db/todo?{query}")

    assert isinstance(url, PostgreSQLURL)
    assert url.dsn == f"postgresql://db/todo?{parameters}"


def test_settings_of_the_server_and_the_time_to_connect_are_read() -> None:
    url = parse_database_url("postgres://db/todo?connect_timeout=7&application_name=a%20b&options=-c%20jit%3Don")

    assert isinstance(url, PostgreSQLURL)
    assert url.connect_timeout_s == 7
    assert url.server_settings == {"application_name": "a b", "options": "-c jit=on"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mysql://user:hunter2@db/todo", "The database URL must begin with sqlite:/// or with postgresql://."),
        ("user:hunter2@db/todo", "The database URL must begin with sqlite:/// or with postgresql://."),
        ("", "The database URL must begin with sqlite:/// or with postgresql://."),
        *[
            (
                f"postgresql://user:{password}@db/todo",
                "Write @ : / ? # inside the user name or the password as %40 %3A %2F %3F %23.",
            )
            for password in ("@hunter2", "1/hunter2", "1?a=hunter2", "1#hunter2")
        ],
        *[
            (
                f"postgresql://user:{password}@db/todo",
                "The user name, password or host of the database URL must be percent-encoded.",
            )
            for password in ("[hunter2", "hunter2\N{FULLWIDTH COMMERCIAL AT}")
        ],
        *[
            (
                f"postgresql://user:hunter2@{host}/todo",
                "The database URL must name each host as name or name:port, separated by commas.",
            )
            for host in ("db:port", "db:70000", "db:0", "a,,b", ":5432")
        ],
        *[
            (
                f"postgresql://user:hunter2@db/todo?{query}",
                "The parameters of the database URL must be name=value, separated by &.",
            )
            for query in ("sslmode", "a=1&b")
        ],
        (
            "postgresql://user:hunter2@db/todo?sslmode=on",
            "The parameter sslmode of the database URL must be one of "
            "disable, allow, prefer, require, verify-ca, verify-full.",
        ),
        (
            "postgresql://user:hunter2@db/todo?channel_binding=hunter2",
            "The database URL has the parameter 'channel_binding', which is not known.",
        ),
        (
            "postgresql://user:hunter2@db/todo?connect_timeout=soon",
            "The parameter connect_timeout of the database URL must be a whole number of seconds.",
        ),
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_its_password(text: str, message: str) -> None:
    with pytest.raises(DatabaseURLError) as failure:
        parse_database_url(text)

    assert str(failure.value) == message
    assert failure.value.__cause__ is None


def test_passwords_among_the_parameters_are_not_printed() -> None:
    url = parse_database_url("postgresql://db/todo?user=me&password=hunter2&sslpassword=hunter3")

    assert isinstance(url, PostgreSQLURL)
    assert url.dsn == "postgresql://db/todo?user=me&password=hunter2&sslpassword=hunter3"
    assert str(url) == "postgresql://db/todo?user=me"
