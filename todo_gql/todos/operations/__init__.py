"""What can be done to todos, each inside a unit of work that someone else has begun."""

from todo_gql.todos.commands import ChangeDependencies, Complete, Create, Delete, Operation, Reopen, Restore, Update
from todo_gql.todos.model import Created, Deleted, Updated
from todo_gql.todos.operations.creation import create
from todo_gql.todos.operations.revision import change_dependencies, complete, reopen, update
from todo_gql.todos.operations.trash import delete, restore
from todo_gql.todos.operations.work import Unit


async def perform(unit: Unit, operation: Operation) -> Created | Updated | Deleted:
    """Perform one operation. Raises the Problems that it can have."""
    match operation:
        case Create():
            return await create(unit, operation)
        case Update():
            return await update(unit, operation)
        case Complete():
            return await complete(unit, operation)
        case Reopen():
            return await reopen(unit, operation)
        case ChangeDependencies():
            return await change_dependencies(unit, operation)
        case Delete():
            return await delete(unit, operation)
        case Restore():
            return await restore(unit, operation)
