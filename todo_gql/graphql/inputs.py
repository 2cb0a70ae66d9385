"""What clients send to have something done, and the command of the core that it becomes."""

import datetime as dt
from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from todo_gql.graphql.absence import or_none, or_unset
from todo_gql.graphql.scalars import TimeZone
from todo_gql.todos import commands, model
from todo_gql.todos.model import TodoPriority, TodoStatus
from todo_gql.todos.times import due_at


@strawberry.input
class ZonedDateTimeInput:
    """An instant and the time zone in which it is planned."""

    at: datetime
    time_zone: TimeZone = TimeZone("UTC")


@strawberry.input(one_of=True)
class TodoDueInput:
    """Either a date or an instant."""

    date: dt.date | None = UNSET
    at: ZonedDateTimeInput | None = UNSET

    def to_domain(self) -> model.Due:
        """Make the due date of the core."""
        if self.at:
            return due_at(self.at.at, self.at.time_zone)
        assert self.date, "The type system lets exactly one of the two through."  # noqa: S101
        return model.Due(date=self.date)


@strawberry.input
class TodoCreateInput:
    """A todo to be created."""

    id: ID | None = strawberry.field(
        description="A UUID of the caller's choosing (version 7 preferred). "
        "Creating the same id with the same input again is one creation, also after the todo was edited.",
        default=UNSET,
    )
    title: str
    description: str | None = UNSET
    status: TodoStatus = TodoStatus.OPEN
    priority: TodoPriority = TodoPriority.NONE
    due: TodoDueInput | None = UNSET
    dependencies: list[ID] = strawberry.field(default_factory=list)

    def to_domain(self) -> commands.Create:
        """Make the operation of the core."""
        return commands.Create(
            draft=commands.TodoDraft(
                id=or_none(self.id),
                title=self.title,
                description=or_none(self.description),
                status=self.status,
                priority=self.priority,
                due=self.due.to_domain() if self.due else None,
                dependencies=self.dependencies,
            )
        )


@strawberry.input
class TodoUpdateInput:
    """What is to change of a todo."""

    title: str | None = UNSET
    description: str | None = UNSET
    status: TodoStatus | None = UNSET
    priority: TodoPriority | None = UNSET
    due: TodoDueInput | None = UNSET
    dependencies: list[ID] | None = UNSET

    def to_domain(self) -> commands.TodoPatch:
        """Make the patch of the core."""
        return commands.TodoPatch(
            title=or_unset(self.title),
            description=or_unset(self.description),
            status=or_unset(self.status),
            priority=or_unset(self.priority),
            due=self._due(),
            dependencies=or_unset(self.dependencies),
        )

    def _due(self) -> model.Due | None | commands.Unset:
        due = or_unset(self.due)
        return due.to_domain() if isinstance(due, TodoDueInput) else due


@strawberry.input
class TodoUpdateOperation:
    """`todoUpdate` within a bulk."""

    id: ID
    if_version: int | None = UNSET
    input: TodoUpdateInput

    def to_domain(self) -> commands.Update:
        """Make the operation of the core."""
        return commands.Update(id=self.id, if_version=or_none(self.if_version), patch=self.input.to_domain())


@strawberry.input
class TodoCompleteOperation:
    """`todoComplete` within a bulk."""

    id: ID
    if_version: int | None = UNSET
    cascade: bool = False

    def to_domain(self) -> commands.Complete:
        """Make the operation of the core."""
        return commands.Complete(id=self.id, if_version=or_none(self.if_version), cascade=self.cascade)


@strawberry.input
class TodoDependenciesOperation:
    """`todoDependenciesChange` within a bulk."""

    id: ID
    if_version: int | None = UNSET
    add: list[ID] = strawberry.field(default_factory=list)
    remove: list[ID] = strawberry.field(default_factory=list)

    def to_domain(self) -> commands.ChangeDependencies:
        """Make the operation of the core."""
        return commands.ChangeDependencies(
            id=self.id, if_version=or_none(self.if_version), add=self.add, remove=self.remove
        )


@strawberry.input
class TodoTarget:
    """One todo, and at which version."""

    id: ID
    if_version: int | None = UNSET


@strawberry.input(one_of=True)
class TodoOperation:
    """One operation of a bulk."""

    create: TodoCreateInput | None = UNSET
    update: TodoUpdateOperation | None = UNSET
    complete: TodoCompleteOperation | None = UNSET
    reopen: TodoTarget | None = UNSET
    change_dependencies: TodoDependenciesOperation | None = UNSET
    delete: TodoTarget | None = UNSET
    restore: TodoTarget | None = UNSET

    def to_domain(self) -> commands.Operation:
        """Make the operation of the core."""
        for given in (self.create, self.update, self.complete, self.change_dependencies):
            if given:
                return given.to_domain()
        if self.reopen:
            return commands.Reopen(id=self.reopen.id, if_version=or_none(self.reopen.if_version))
        if self.delete:
            return commands.Delete(id=self.delete.id, if_version=or_none(self.delete.if_version))
        assert self.restore, "The type system lets exactly one through."  # noqa: S101
        return commands.Restore(id=self.restore.id, if_version=or_none(self.restore.if_version))

    @property
    def name(self) -> str:
        """Say which operation it is, as the schema spells it."""
        given = next(name for name, value in vars(self).items() if value)
        return "changeDependencies" if given == "change_dependencies" else given
