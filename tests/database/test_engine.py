"""What a connection is told when it is opened."""

from errno import ECONNREFUSED
from pathlib import Path

import pytest
import sqlalchemy as sa

from todo_gql.database import Connection, Database, DatabaseUnavailable, create_engine, parse_database_url


async def _settings(connection: Connection) -> dict[str, str]:
    result = await connection.execute(
        sa.text("""
        SELECT name, current_setting(name) FROM pg_settings WHERE name IN (
            'application_name', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'jit'
        )
    """)
    )
    return dict(iter(result))


async def test_postgresql_gives_up_before_its_clients_do(postgresql_database: Database) -> None:
    settings = await postgresql_database.read(_settings)

    assert settings == {
        "application_name": "todo-gql",
        "statement_timeout": "4s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "jit": "off",
    }


async def test_the_url_can_set_what_the_server_is_told(empty_postgresql_url: str) -> None:
    options = "options=-c%20statement_timeout%3D7s%20--lock-timeout%3D9s&application_name=mine"
    database = Database(create_engine(parse_database_url(f"{empty_postgresql_url}?{options}")))

    settings = await database.read(_settings)
    await database.close()

    assert settings == {
        "application_name": "mine",
        "statement_timeout": "7s",
        "lock_timeout": "9s",
        "idle_in_transaction_session_timeout": "10s",
        "jit": "off",
    }


async def test_sqlite_writes_ahead_and_enforces_foreign_keys(sqlite_path: Path) -> None:
    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")))

    async def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: (await connection.execute(sa.text(f"PRAGMA {name}"))).scalar_one() for name in names}

    settings = await database.read(pragmas)
    await database.close()

    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("127.0.0.1:1/todo", f"[Errno {ECONNREFUSED}] Connection refused"),
        ("a..b/todo", "label empty or too long"),
        ("/todo?port=five", "invalid literal for int() with base 10: 'five'"),
        ("db/todo?sslmode=verify-full&sslrootcert=/no/such/file", "[Errno 2] No such file or directory"),
    ],
    ids=["refused", "no such name", "no such port", "no such certificate"],
)
async def test_a_server_that_cannot_be_reached_is_named_without_the_password(location: str, reason: str) -> None:
    database = Database(create_engine(parse_database_url(f"postgresql://user:hunter2@{location}")))

    with pytest.raises(DatabaseUnavailable) as failure:
        await database.ping()

    assert str(failure.value) == f"The database postgresql://user@{location} cannot be reached: {reason}."
    assert "hunter2" not in repr(database.engine.url)


async def test_a_wrong_password_is_not_repeated(empty_postgresql_url: str) -> None:
    scheme, _, server = empty_postgresql_url.partition("://")
    url = f"{scheme}://someone:hunter2@{server.partition('@')[2]}"
    database = Database(create_engine(parse_database_url(url)))

    with pytest.raises(DatabaseUnavailable) as failure:
        await database.ping()

    assert "hunter2" not in f"{failure.value} {failure.value.__cause__}"
    assert str(failure.value).endswith('password authentication failed for user "someone".')
