import pytest

from tests.tools.locks import complaints


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX todos_title ON todos (title)",
        "create unique index todos_title on todos (title)",
        "UPDATE todos SET title = 'where'",
        "DELETE FROM todos",
        "DROP TABLE todos",
        "TRUNCATE todos",
        "LOCK TABLE todos",
        "VACUUM FULL todos",
        "ALTER TABLE todos RENAME TO tasks",
        "ALTER TABLE todos RENAME COLUMN title TO name",
        "ALTER TABLE todos DROP COLUMN title",
        "ALTER TABLE todos DROP title",
        "ALTER TABLE todos ALTER COLUMN title TYPE text",
        "ALTER TABLE todos ALTER title SET DATA TYPE text",
        "ALTER TABLE todos ALTER COLUMN description SET NOT NULL",
        "ALTER TABLE todos ADD COLUMN color text NOT NULL",
        "ALTER TABLE todos ADD COLUMN color uuid NOT NULL DEFAULT gen_random_uuid()",
        "ALTER TABLE todos ADD COLUMN a int, ADD color timestamptz DEFAULT now()",
        "ALTER TABLE todos ADD COLUMN folded text GENERATED ALWAYS AS (lower(title)) STORED",
        "ALTER TABLE todos ADD CONSTRAINT c CHECK (version > 0)",
        "ALTER TABLE todos ADD FOREIGN KEY (owner) REFERENCES owners (name)",
        "ALTER TABLE todos ADD CONSTRAINT p PRIMARY KEY (owner, id)",
        "ALTER TABLE ONLY todos ADD UNIQUE (title)",
    ],
)
def test_what_locks_or_writes_a_table_anew_is_refused(statement: str) -> None:
    told = list(complaints([statement]))

    assert len(told) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX CONCURRENTLY todos_title ON todos (title)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS todos_title ON todos (title)",
        "CREATE TABLE tags (name text NOT NULL PRIMARY KEY CHECK (name <> ''))",
        "ALTER TABLE todos ADD COLUMN color text",
        "ALTER TABLE todos ADD COLUMN color text NOT NULL DEFAULT 'none (yet)'",
        "ALTER TABLE todos ALTER COLUMN color SET DEFAULT now()",
        "ALTER TABLE todos ALTER COLUMN color DROP NOT NULL",
        "ALTER TABLE todos ALTER COLUMN color DROP DEFAULT",
        "ALTER TABLE todos DROP CONSTRAINT c",
        "ALTER TABLE todos ADD CONSTRAINT c CHECK (version > 0) NOT VALID",
        "ALTER TABLE todos ADD CONSTRAINT f FOREIGN KEY (owner, id) REFERENCES owners (name, id) NOT VALID",
        "ALTER TABLE todos VALIDATE CONSTRAINT c",
        "ALTER TABLE todos ADD CONSTRAINT p UNIQUE USING INDEX todos_title",
        "UPDATE alembic_version SET version_num = '0004' WHERE version_num = '0003'",
        "INSERT INTO todo_changes_purged VALUES (0)",
        "SELECT 1",
    ],
)
def test_what_is_over_at_once_is_not(statement: str) -> None:
    assert list(complaints([statement])) == []


def test_a_table_of_the_same_migration_may_be_treated_as_it_likes() -> None:
    statements = [
        "CREATE TABLE tags (name text)",
        "CREATE INDEX tags_name ON tags (name)",
        "ALTER TABLE tags ADD PRIMARY KEY (name)",
        "CREATE INDEX todos_title ON todos (title)",
    ]

    assert list(complaints(statements)) == [
        "CREATE INDEX todos_title ON todos (title): It stops writers while it is built: build it concurrently."
    ]
