"""FastAPI with models of Pydantic, as its documentation shows it: the two routes that the old service had."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from fastapi import FastAPI, Query, Response
from pydantic import BaseModel

from bench.peers.database import CREATE, Database, Row, serve

_MEMBERS: Final = """t.description, t.id, t.title, t.status = 'COMPLETED' AS completed, t.status,
    t.priority, t.due_date, t.due_at, t.due_time_zone, t.completed_at, t.created_at, t.updated_at, t.version"""
_PAGE: Final = f"""
SELECT {_MEMBERS}, ARRAY(
    SELECT d.depends_on_id FROM todo_dependencies d JOIN todos other ON other.owner = d.owner AND other.id = d.depends_on_id
    WHERE d.owner = t.owner AND d.todo_id = t.id AND other.trashed_at IS NULL ORDER BY d.position
) AS dependencies
FROM todos t WHERE t.owner = '' AND t.trashed_at IS NULL ORDER BY t.created_at, t.id LIMIT $1
"""  # noqa: E501
_PRIORITIES: Final = ["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]


class Status(StrEnum):
    """How far a todo is."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class DueDate(BaseModel):
    """A date."""

    date: date


class DueInstant(BaseModel):
    """An instant with the time zone in which it was planned."""

    at: datetime
    time_zone: str


class Todo(BaseModel):
    """What is answered, in its order."""

    depends_on: UUID | None
    description: str | None
    id: UUID
    title: str
    dependencies: list[UUID]
    completed: bool
    status: Status
    priority: str
    due: DueInstant | DueDate | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class NewTodo(BaseModel):
    """What is sent."""

    title: str


database: Final = Database()
app: Final = FastAPI(lifespan=database.lifespan)


@app.get("/todos", response_model=list[Todo])
async def read_todos(response: Response, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> list[Row]:
    """Page, and say where it goes on."""
    rows = await database.rows(_PAGE, limit + 1)
    if len(rows) > limit:
        response.headers["Link"] = f'</todos?limit={limit}&cursor={rows[limit - 1]["id"]}>; rel="next"'
    return [_todo(row) for row in rows[:limit]]


@app.post("/todos", response_model=Todo, status_code=201)
async def create_todo(new: NewTodo, response: Response) -> Row:
    """Create, and write the change."""
    row = (await database.rows(f"{CREATE} SELECT {_MEMBERS}, ARRAY[]::uuid[] AS dependencies FROM t", new.title))[0]
    response.headers["Location"] = f"/todos/{row['id']}"
    return _todo(row)


def _todo(row: Row) -> Row:
    due: Row | None = None
    if row["due_at"] is not None:
        due = {"at": row["due_at"], "time_zone": row["due_time_zone"]}
    elif row["due_date"] is not None:
        due = {"date": row["due_date"]}
    dependencies = row["dependencies"]
    depends_on = dependencies[0] if dependencies else None
    return {**row, "priority": _PRIORITIES[row["priority"]], "due": due, "depends_on": depends_on}


if __name__ == "__main__":
    serve(app)
