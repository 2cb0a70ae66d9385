"""What can go wrong that a caller can put right.

    TodoError
    ├── BadArgument                 a page size, cursor or search that cannot be used
    ├── KeyRunning                  a request under the same key is being answered
    ├── KeyReused                   the key belongs to a request with another input
    ├── Unauthenticated             nobody knows who asks
    │   └── BadToken                what they sent to say so cannot be believed
    ├── IssuerUnavailable           nobody can say now whether to believe it
    └── Problem                     a refusal; `code` is the same in GraphQL, REST and telemetry
        ├── Invalid                 VALIDATION
        ├── NotFound                NOT_FOUND
        ├── VersionConflict         VERSION_CONFLICT
        ├── IdConflict              ID_CONFLICT
        ├── DependencyCycle         DEPENDENCY_CYCLE
        ├── Blocked                 BLOCKED
        ├── LimitExceeded           LIMIT_EXCEEDED
        └── Forbidden               FORBIDDEN

Every message is safe to show, and none repeats what the caller sent.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from todo_gql.todos.model import Todo


class ProblemCode(StrEnum):
    """The stable name of a refusal."""

    VALIDATION = "VALIDATION"
    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    ID_CONFLICT = "ID_CONFLICT"
    DEPENDENCY_CYCLE = "DEPENDENCY_CYCLE"
    BLOCKED = "BLOCKED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"


class ViolationRule(StrEnum):
    """Which rule an input value breaks."""

    REQUIRED = "REQUIRED"
    NOT_NULL = "NOT_NULL"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    MALFORMED = "MALFORMED"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule: where in the input, which rule, and the bound that was passed, if any."""

    path: tuple[str, ...]
    rule: ViolationRule
    message: str
    limit: int | None = None


class TodoError(Exception):
    """Anything below; `message` is a sentence for the caller."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadArgument(TodoError):
    """A page size, cursor or search cannot be used; the message says what can."""


class KeyRunning(TodoError):
    """A request under the same key is being answered, by this process or another."""

    def __init__(self) -> None:
        super().__init__("A request with this key is being answered; repeat this one in a moment.")


class KeyReused(TodoError):
    """The key belongs to an earlier request with another input; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("This key was used for a request with another input.")


class Unauthenticated(TodoError):
    """The caller has not said who they are."""

    def __init__(self, message: str = "Send a token: `Authorization: Bearer ...`.") -> None:
        super().__init__(message)


class BadToken(Unauthenticated):
    """The caller's token cannot be believed; beyond that it has expired, the message does not say why."""

    def __init__(self, message: str = "The token cannot be used here.") -> None:
        super().__init__(message)


class IssuerUnavailable(TodoError):
    """Who issues the tokens cannot be asked now whether this one is theirs."""

    def __init__(self) -> None:
        super().__init__("Who issued the token cannot be asked now; try again.")


class Problem(TodoError):
    """A refusal: nothing was changed."""

    code: ClassVar[ProblemCode]


class Invalid(Problem):
    """The input breaks rules; `violations` names each."""

    code = ProblemCode.VALIDATION

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__(" ".join(dict.fromkeys(violation.message for violation in violations)))
        self.violations = violations


class NotFound(Problem):
    """There is no such todo for this caller, or it is in the trash; `id` is as the caller wrote it."""

    code = ProblemCode.NOT_FOUND

    def __init__(self, todo_id: str) -> None:
        super().__init__("There is no todo with this id.")
        self.id = todo_id


class VersionConflict(Problem):
    """The todo is no longer at the expected version; `conflicting_fields` are those of the input that changed since."""

    code = ProblemCode.VERSION_CONFLICT

    def __init__(self, *, expected: int, current: Todo, conflicting_fields: tuple[str, ...]) -> None:
        super().__init__(f"Expected version {expected}, but the todo is at version {current.version}.")
        self.expected = expected
        self.current = current
        self.conflicting_fields = conflicting_fields


class IdConflict(Problem):
    """The id was used for a todo made from another input; `existing` is None when that lies in the trash."""

    code = ProblemCode.ID_CONFLICT

    def __init__(self, existing: Todo | None) -> None:
        super().__init__(
            "A todo with this id lies in the trash."
            if existing is None
            else "A todo with this id was created from another input."
        )
        self.existing = existing


class DependencyCycle(Problem):
    """The todo would have to be done before itself; `cycle` is a shortest way around, its first 50."""

    code = ProblemCode.DEPENDENCY_CYCLE

    def __init__(self, cycle: tuple[Todo, ...]) -> None:
        super().__init__("The todo would depend on itself.")
        self.cycle = cycle


class Blocked(Problem):
    """The todo cannot be completed before its unfinished dependencies, `blocked_by`."""

    code = ProblemCode.BLOCKED

    def __init__(self, blocked_by: tuple[Todo, ...]) -> None:
        super().__init__("The todo has dependencies that are not finished.")
        self.blocked_by = blocked_by


class LimitExceeded(Problem):
    """What is stored and what was asked for would together pass `limit`, at `actual`."""

    code = ProblemCode.LIMIT_EXCEEDED

    def __init__(self, message: str, *, limit: int, actual: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.actual = actual


class Forbidden(Problem):
    """The caller's token lacks `required_scope`."""

    code = ProblemCode.FORBIDDEN

    def __init__(self, required_scope: str) -> None:
        super().__init__(f"This needs the scope {required_scope}.")
        self.required_scope = required_scope
