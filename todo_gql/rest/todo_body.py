"""What the body of a request says of a todo, and the draft or the patch that it amounts to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from todo_gql.rest import words
from todo_gql.rest.problems import FieldErrors, refuse_members
from todo_gql.todos.commands import UNSET, TodoDraft, TodoPatch, Unset
from todo_gql.todos.model import Due, Todo, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.problems import Invalid
from todo_gql.todos.rules import references


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoBody:
    """The members of a body, UNSET where they are absent or unreadable; the latter are among `errors`.

    `references` are the dependencies, whichever member they were written in; `stored` are the members that only the
    service sets, by their names in the domain. The methods raise Refused when there are errors.
    """

    title: str | Unset
    description: str | None | Unset
    status: TodoStatus | Unset
    completed: bool | Unset
    priority: TodoPriority | Unset
    due: Due | None | Unset
    references: Sequence[str] | Unset
    has_only_depends_on: bool
    stored: Mapping[str, int | datetime | None | Unset]
    errors: FieldErrors

    @property
    def is_of_stored_todo(self) -> bool:
        """Say whether it has members that only a todo which is there already can have."""
        return any(value is not UNSET for value in self.stored.values())

    def draft(self) -> TodoDraft:
        """Make the draft of a new todo."""
        return TodoDraft(
            title=self._required_title(),
            description=_or(self.description, None),
            status=self._replaced_status(),
            priority=_or(self.priority, TodoPriority.NONE),
            due=_or(self.due, None),
            dependencies=_or(self.references, ()),
        )

    def replacement(self, todo: Todo, dependency_ids: Sequence[TodoId]) -> TodoPatch:
        """Make the patch that leaves nothing of the todo as it stands but what the body repeats."""
        draft = self.draft()
        self._check_unchanged(todo)
        return TodoPatch(
            title=draft.title,
            description=draft.description,
            status=draft.status,
            priority=draft.priority,
            due=draft.due,
            dependencies=UNSET if self._keeps(dependency_ids) else draft.dependencies,
        )

    def patch(self, todo: Todo, dependency_ids: Sequence[TodoId]) -> TodoPatch:
        """Make the patch of what the body mentions; null clears (RFC 7396)."""
        _refuse_if_any(self.errors)
        self._check_unchanged(todo)
        return TodoPatch(
            title=self.title,
            description=self.description,
            status=self._patched_status(todo),
            priority=self.priority,
            due=self.due,
            dependencies=UNSET if self._keeps(dependency_ids) else self.references,
        )

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turn what the core finds invalid into a refusal that names the members as the caller did."""
        try:
            yield
        except Invalid as error:
            raise refuse_members(self.words_of(error)) from error

    def words_of(self, error: Invalid) -> FieldErrors:
        """Say what the core finds invalid, by the members that the caller wrote."""
        errors: FieldErrors = {}
        for violation in error.violations:
            member = violation.path[0]
            if member == "dependencies" and self.has_only_depends_on:
                member = "depends_on"
            messages = errors.setdefault(member, [])
            if (message := words.words_of(violation)) not in messages:
                messages.append(message)
        return errors

    def _required_title(self) -> str:
        if isinstance(self.title, Unset):
            raise refuse_members({"title": [words.MISSING]} | self.errors)
        _refuse_if_any(self.errors)
        return self.title

    def _replaced_status(self) -> TodoStatus:
        return _or(self.status, TodoStatus.COMPLETED if self.completed is True else TodoStatus.OPEN)

    def _patched_status(self, todo: Todo) -> TodoStatus | Unset:
        if self.status is UNSET and self.completed is not UNSET and self.completed != todo.is_completed:
            return self._replaced_status()
        return self.status

    def _keeps(self, dependency_ids: Sequence[TodoId]) -> bool:
        """Say whether `depends_on` alone is written, and is what it was: the other dependencies stay as well."""
        return self.has_only_depends_on and references(_or(self.references, ())) == tuple(dependency_ids[:1])

    def _check_unchanged(self, todo: Todo) -> None:
        changed = [name for name, value in self.stored.items() if value is not UNSET and value != getattr(todo, name)]
        _refuse_if_any({name: [words.CHANGED] for name in changed})


def _or[T](value: T | Unset, default: T) -> T:
    return default if isinstance(value, Unset) else value


def _refuse_if_any(errors: FieldErrors) -> None:
    if errors:
        raise refuse_members(errors)
