"""Row-level security on PostgreSQL: what belongs to another owner is kept from a statement that forgets to ask.

A transaction for an owner runs under a role of its own, which sees the rows of the owner that the transaction has set
and no others (revision 0005). Whoever owns the tables sees all of them: migrations, the purge, and the feed, which
follows the changes for everyone. `migrate` turns it on once authentication is on; until then nothing is asked.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from todo_gql.database.failures import MigrationError

# What the service does for an owner; to remove todos, changes and keys is for the purge.
_RIGHTS: Final[Mapping[str, tuple[str, ...]]] = {
    "todos": ("SELECT", "INSERT", "UPDATE"),
    "todo_dependencies": ("SELECT", "INSERT", "DELETE"),
    "todo_changes": ("SELECT", "INSERT"),
    "todo_changes_purged": ("SELECT",),
    "idempotency_keys": ("SELECT", "INSERT", "UPDATE"),
}
_GUARDED: Final = ("todos", "todo_dependencies", "todo_changes", "idempotency_keys")

_WHO: Final = sa.text("SELECT rolname, rolsuper OR rolbypassrls AS bypasses FROM pg_roles WHERE rolname = current_user")
# Every other policy that admits the role adds to what it sees.
_TABLES: Final = sa.text("""
    SELECT name, row_security_active(name) AS is_guarded, EXISTS (
        SELECT FROM pg_policy
        WHERE polrelid = CAST(name AS regclass) AND polpermissive AND polname <> name || '_of_owner'
            AND EXISTS (SELECT FROM unnest(polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))
    ) AS is_admitted
    FROM unnest(CAST(:tables AS text[])) AS name
""").bindparams(tables=list(_GUARDED))
_MISSING_RIGHTS: Final = sa.text("""
    SELECT action || ' on ' || name
    FROM unnest(CAST(:tables AS text[]), CAST(:actions AS text[])) AS needed (name, action)
    WHERE NOT has_table_privilege(name, action)
""").bindparams(
    tables=[table for table, actions in _RIGHTS.items() for _ in actions],
    actions=[action for actions in _RIGHTS.values() for action in actions],
)
_ROLE_EXISTS: Final = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
_OWNER_OF_TABLES: Final = sa.text(
    "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = CAST('todos' AS regclass)"
)


def limits(owner: str, role: str) -> str:
    """Write the statements that limit a transaction, to its end, to what belongs to an owner."""
    # E'' has the same escapes whatever standard_conforming_strings is.
    text = owner.replace("\\", "\\\\").replace("'", "''")
    return f"SET LOCAL ROLE {_quoted(role)}; SET LOCAL todo_gql.owner = E'{text}'"


def check(connection: sa.Connection, role: str | None) -> None:
    """See that who is connected sees every row, and that what is done under the role concerns an owner's alone.

    Args:
        connection: On PostgreSQL, within a transaction; it may have the role afterwards.
        role: None when authentication is off.

    Raises:
        MigrationError: with a sentence that says what to do.
    """
    for sentence in _complaints(connection, role):
        raise MigrationError(sentence)


def turn_on(connection: sa.Connection, role: str) -> None:
    """Guard the rows, and make the role under which the service works for an owner, where that is still to be done.

    Raises:
        MigrationError: someone else has to do a part of it; the sentence says which.
    """
    try:
        # Looked at first: to alter the tables locks them, which a deployment should not do to a service at work.
        with connection.begin_nested():
            check(connection, role)
    except MigrationError:
        _make_role(connection, role)
        _guard(connection, role)
        check(connection, role)


def _complaints(connection: sa.Connection, role: str | None) -> Iterator[str]:
    user = connection.execute(_WHO).one().rolname
    if any(table.is_guarded and not table.is_admitted for table in connection.execute(_TABLES)):
        yield (
            f"The user {user} does not see the rows of every owner, as migrations, purge and feed must: "
            "use the one that owns the tables."
        )
    if role is None:
        return
    if not _takes(connection, role):
        yield f"The user {user} cannot take the role {role}, by which owners are kept apart: run `todo-gql migrate`."
    who = connection.execute(_WHO).one()
    tables = connection.execute(_TABLES).all()
    if who.bypasses:
        yield f"The role {role} may bypass row-level security: ALTER ROLE {_quoted(role)} NOSUPERUSER NOBYPASSRLS."
    if not all(table.is_guarded for table in tables):
        yield "Row-level security is off, by which owners are kept apart: run `todo-gql migrate`."
    if seen := [table.name for table in tables if table.is_admitted]:
        yield f"The role {role} sees the rows of every owner in {', '.join(seen)}: drop the policy that lets it."
    if missing := connection.execute(_MISSING_RIGHTS).scalars().all():
        yield f"The role {role} lacks {', '.join(missing)}: run `todo-gql migrate`."


def _takes(connection: sa.Connection, role: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL ROLE {_quoted(role)}")
    except DBAPIError:
        return False
    return True


def _make_role(connection: sa.Connection, role: str) -> None:
    user = connection.execute(_WHO).one().rolname
    create, grant = f"CREATE ROLE {_quoted(role)} NOLOGIN", f"GRANT {_quoted(role)} TO {_quoted(user)}"
    try:
        if not connection.execute(_ROLE_EXISTS, {"role": role}).scalar_one():
            with connection.begin_nested():
                connection.exec_driver_sql(create)
        with connection.begin_nested() as trying:
            is_taken = _takes(connection, role)
            trying.rollback()
        if not is_taken:
            with connection.begin_nested():
                connection.exec_driver_sql(grant)
    except DBAPIError as error:
        raise MigrationError(
            f"The user {user} may not make the role {role}, by which owners are kept apart: "
            f"let an administrator run `{create}; {grant}`, and migrate again."
        ) from error


def _guard(connection: sa.Connection, role: str) -> None:
    for table, actions in _RIGHTS.items():
        connection.exec_driver_sql(f"GRANT {', '.join(actions)} ON {table} TO {_quoted(role)}")
    owner_of_tables = connection.execute(_OWNER_OF_TABLES).scalar_one()
    for table in _GUARDED:
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {table}_of_all ON {table}")
        connection.exec_driver_sql(
            f"CREATE POLICY {table}_of_all ON {table} TO {_quoted(owner_of_tables)} USING (true)"
        )
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
