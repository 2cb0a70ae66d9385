"""The operations of the example."""

from typing import Annotated, Literal

from client import Data, Operation
from pydantic import Field


class Titled(Data):
    """A todo of which only the title is wanted."""

    title: str


class Todo(Titled):
    """A todo as it was created."""

    id: str
    is_blocked: bool


class TodoCreated(Data):
    """The todo was created."""

    typename: Literal["TodoCreated"] = Field(alias="__typename")
    todo: Todo


class Violation(Data):
    """What is wrong with one value of the input."""

    path: list[str]
    message: str


class ValidationProblem(Data):
    """The input is not valid."""

    typename: Literal["ValidationProblem"] = Field(alias="__typename")
    violations: list[Violation]


class IdConflictProblem(Data):
    """The id is taken; by a todo in the trash if there is none here."""

    typename: Literal["IdConflictProblem"] = Field(alias="__typename")
    existing: Titled | None


class BlockedProblem(Data):
    """Others must be done first."""

    typename: Literal["BlockedProblem"] = Field(alias="__typename")
    blocked_by: list[Titled]


class LimitProblem(Data):
    """There would be more than the service allows."""

    typename: Literal["LimitProblem"] = Field(alias="__typename")
    limit: int
    actual: int


class ForbiddenProblem(Data):
    """The caller may not do this."""

    typename: Literal["ForbiddenProblem"] = Field(alias="__typename")
    required_scope: str


CreateResult = Annotated[
    TodoCreated | ValidationProblem | IdConflictProblem | BlockedProblem | LimitProblem | ForbiddenProblem,
    Field(discriminator="typename"),
]


class CreateAnswer(Data):
    """The data of CREATE."""

    todo_create: CreateResult


CREATE = Operation(
    """
    mutation Create($input: TodoCreateInput!) {
      todoCreate(input: $input) {
        __typename
        ... on TodoCreated { todo { id title isBlocked } }
        ... on ValidationProblem { violations { path message } }
        ... on IdConflictProblem { existing { title } }
        ... on BlockedProblem { blockedBy { title } }
        ... on LimitProblem { limit actual }
        ... on ForbiddenProblem { requiredScope }
      }
    }
    """,
    CreateAnswer,
)


class PageInfo(Data):
    """Whether there are more, and where they begin."""

    has_next_page: bool
    end_cursor: str | None


class TodoPage(Data):
    """A page of todos."""

    nodes: list[Titled]
    page_info: PageInfo


class PageAnswer(Data):
    """The data of PAGE."""

    todos: TodoPage


PAGE = Operation(
    """
    query Page($after: String) {
      todos(first: 2, after: $after) {
        nodes { title }
        pageInfo { hasNextPage endCursor }
      }
    }
    """,
    PageAnswer,
)


class Identified(Titled):
    """A todo as a copy keeps it."""

    id: str


class Tombstone(Data):
    """A todo that is gone."""

    id: str


class ChangeSet(Data):
    """A page of what has changed; with `reset`, what one has is to be dropped first."""

    todos: list[Identified]
    deleted: list[Tombstone]
    sync_token: str
    has_more: bool
    reset: bool


class ChangesAnswer(Data):
    """The data of CHANGES."""

    changes: ChangeSet


CHANGES = Operation(
    """
    query Changes($since: SyncToken) {
      changes(since: $since) {
        todos { id title }
        deleted { id }
        syncToken
        hasMore
        reset
      }
    }
    """,
    ChangesAnswer,
)


class Moment(Data):
    """Where to begin to follow."""

    sync_token: str


class NowAnswer(Data):
    """The data of NOW."""

    todos: Moment


NOW = Operation("query Now { todos(first: 1) { syncToken } }", NowAnswer)


class TodoEvent(Data):
    """What happened to a todo, which is null once it is in the trash."""

    kind: str
    todo_id: str
    todo: Titled | None


class EventsAnswer(Data):
    """The data of EVENTS."""

    todo_events: TodoEvent


EVENTS = Operation("subscription Events { todoEvents { kind todoId todo { title } } }", EventsAnswer)
