"""Refusals as data: every Problem of the core as a member of a result union, made in one place."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import ID
from strawberry.types.field import StrawberryField

from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.types import Todo
from todo_gql.telemetry.trace import note_problem
from todo_gql.todos import model, problems
from todo_gql.todos.model import Snapshot
from todo_gql.todos.problems import ProblemCode, ViolationRule

strawberry.enum(ProblemCode)
strawberry.enum(ViolationRule)


@strawberry.interface(
    description="Something that the caller can put right. "
    "`code` is the same in the REST layer's problem documents and in the telemetry."
)
class Problem:
    """A refusal."""

    code: ProblemCode
    message: str


@strawberry.type
class Violation:
    """One broken rule."""

    path: list[str] = strawberry.field(description='Where in the input, for example `["input", "title"]`.')
    rule: ViolationRule
    message: str
    limit: int | None = strawberry.field(description="The bound that was passed, where there is one.")


@strawberry.type
class ValidationProblem(Problem):
    """The input breaks rules."""

    violations: list[Violation]


@strawberry.type
class NotFoundProblem(Problem):
    """There is no such todo."""

    id: ID


@strawberry.type
class VersionConflictProblem(Problem):
    """The todo was changed in between."""

    expected: int
    current: Todo
    conflicting_fields: list[str] = strawberry.field(description="The input's fields that changed since `expected`.")


@strawberry.type
class IdConflictProblem(Problem):
    """The id is taken."""

    existing: Todo | None = strawberry.field(
        description="Null when it lies in the trash. Another owner's id is never in the way."
    )


@strawberry.type
class CycleProblem(Problem):
    """The todo would depend on itself."""

    cycle: list[Todo] = strawberry.field(
        description="A shortest one, from the todo around to itself; the first 50 of it."
    )


@strawberry.type
class BlockedProblem(Problem):
    """Dependencies are unfinished."""

    blocked_by: list[Todo]


@strawberry.type
class LimitProblem(Problem):
    """A bound would be passed."""

    limit: int
    actual: int = strawberry.field(description="What it would have come to, with what is stored already.")


@strawberry.type
class ForbiddenProblem(Problem):
    """The caller may not do this."""

    required_scope: str


AnyProblem = (
    ValidationProblem
    | NotFoundProblem
    | VersionConflictProblem
    | IdConflictProblem
    | CycleProblem
    | BlockedProblem
    | LimitProblem
    | ForbiddenProblem
)


class Refusals(strawberry.ExceptionHandler[problems.Problem, ForbiddenProblem]):
    """Turn what a mutation's use case refuses into its answer.

    Strawberry applies a handler to the fields whose result contains the handler's type:
    ForbiddenProblem is in the result of every mutation.
    """

    def handle(  # type: ignore[override]  # Any problem is answered, not only the type that selects the fields.
        self, exception: problems.Problem, *, field: StrawberryField, info: ContextInfo
    ) -> AnyProblem:
        """Present the refusal."""
        has_input = any(argument.python_name == "input" for argument in field.arguments)
        return present(exception, info.context.now, input_path=["input"] if has_input else [])


def present(
    problem: problems.Problem, now: datetime, *, input_path: Sequence[str], snapshot: Snapshot | None = None
) -> AnyProblem:
    """Present a refusal; `input_path` leads to what its violations' paths start from."""
    note_problem(problem.code)

    def todo(shown: model.Todo) -> Todo:
        return Todo.of(shown, now, snapshot)

    code, message = problem.code, problem.message
    match problem:
        case problems.Invalid(violations=violations):
            shown = [
                Violation(
                    path=[*input_path, *broken.path], rule=broken.rule, message=broken.message, limit=broken.limit
                )
                for broken in violations
            ]
            return ValidationProblem(code=code, message=message, violations=shown)
        case problems.NotFound():
            return NotFoundProblem(code=code, message=message, id=ID(problem.id))
        case problems.VersionConflict():
            return VersionConflictProblem(
                code=code,
                message=message,
                expected=problem.expected,
                current=todo(problem.current),
                conflicting_fields=list(problem.conflicting_fields),
            )
        case problems.IdConflict(existing=existing):
            return IdConflictProblem(code=code, message=message, existing=None if existing is None else todo(existing))
        case problems.DependencyCycle(cycle=cycle):
            return CycleProblem(code=code, message=message, cycle=[todo(step) for step in cycle])
        case problems.Blocked(blocked_by=blocked_by):
            return BlockedProblem(code=code, message=message, blocked_by=[todo(blocker) for blocker in blocked_by])
        case problems.LimitExceeded():
            return LimitProblem(code=code, message=message, limit=problem.limit, actual=problem.actual)
        case problems.Forbidden():
            return ForbiddenProblem(code=code, message=message, required_scope=problem.required_scope)
        case _:
            raise problem  # A refusal that has no type here is a bug.
