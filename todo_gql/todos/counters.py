"""What has become of todos, counted once it is committed."""

from opentelemetry.metrics import Meter

from todo_gql.telemetry import names
from todo_gql.todos.model import Created, Updated
from todo_gql.todos.operations.bulk import OperationResult


class Counters:
    """Counts the todos that were created, and those that were completed."""

    def __init__(self, meter: Meter) -> None:
        self._created = names.TODOS_CREATED.counter(meter)
        self._completed = names.TODOS_COMPLETED.counter(meter)

    def count(self, done: OperationResult) -> None:
        """Count what one operation has done."""
        match done:
            case Created(is_new=True):
                self._created.add(1)
            case Updated(changed=True, todo=todo, also_completed=others):
                # One that was completed earlier, and has now changed in another way, has an older completion.
                is_completion = todo.completed_at is not None and todo.completed_at == todo.updated_at
                if is_completion or others:
                    self._completed.add(is_completion + len(others))
            case _:
                pass
