"""Creating a todo once for the key of a request, whatever became of the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from todo_gql.todos import rules
from todo_gql.todos.commands import Create
from todo_gql.todos.model import Created, Todo, TodoId
from todo_gql.todos.operations.creation import create
from todo_gql.todos.operations.work import Unit
from todo_gql.todos.problems import KeyReused, KeyRunning
from todo_gql.todos.store import keys
from todo_gql.todos.store.dependencies import dependency_ids

Present = Callable[[Todo, tuple[TodoId, ...]], str]
"""Writes the answer about a todo and what it depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAnswer:
    """The answer to a request under a key, and what that request created; None when an earlier one did."""

    text: str
    created: Created | None

    @property
    def is_replayed(self) -> bool:
        """Say whether an earlier request got it first."""
        return self.created is None


class Once:
    """One creation under a key, however often its unit of work runs.

    What is kept is kept in the transaction of the creation itself: either both are there, or neither. A refusal
    changes nothing, and is not kept: the caller may put the request right and send it under the same key.
    """

    def __init__(self, operation: Create, key: str, present: Present) -> None:
        self._operation = operation
        self._key = key
        self._present = present
        self._written: KeyedAnswer | None = None

    async def perform(self, unit: Unit) -> KeyedAnswer:
        """Create the todo, or give what was answered before. Raises KeyRunning, KeyReused and what `create` does."""
        request_hash = rules.input_hash(self._operation.draft)
        if not await keys.lock(unit.connection, unit.owner, self._key):
            raise KeyRunning
        kept = await keys.find(unit.connection, unit.owner, self._key, unit.now)
        if kept is not None:
            return self._replay(*kept, request_hash)
        created = await create(unit, self._operation)
        depends_on = await dependency_ids(unit.connection, unit.owner, [created.todo.id])
        self._written = KeyedAnswer(text=self._present(created.todo, depends_on[created.todo.id]), created=created)
        await keys.put(
            unit.connection,
            unit.owner,
            self._key,
            request_hash=request_hash,
            answer=self._written.text,
            expires_at=unit.now + unit.policy.key_retention,
        )
        return self._written

    def _replay(self, kept_hash: bytes, kept_answer: str, request_hash: bytes) -> KeyedAnswer:
        if kept_hash != request_hash:
            raise KeyReused
        # This request may itself have written it, in a run of which nobody knew whether it was committed.
        if self._written is not None and self._written.text == kept_answer:
            return self._written
        return KeyedAnswer(text=kept_answer, created=None)
