"""The use cases. Every public method is one unit of work: one transaction, or one statement that reads."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import overload

from todo_gql.database import Connection, Database
from todo_gql.todos.access import require
from todo_gql.todos.change_log import ChangeLog
from todo_gql.todos.commands import Create, Delete, Operation, Revision, TodoDraft
from todo_gql.todos.counters import Counters
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import AccessScope, Caller, Created, Deleted, Todo, Updated
from todo_gql.todos.neighbours import Neighbours
from todo_gql.todos.operations import bulk, perform, revision, trash
from todo_gql.todos.operations.bulk import BulkDone, OperationResult, RolledBack
from todo_gql.todos.operations.creation import is_alone, with_id
from todo_gql.todos.operations.log import Log
from todo_gql.todos.operations.once import KeyedAnswer, Once, Present
from todo_gql.todos.operations.revision import Revise
from todo_gql.todos.operations.work import Policy, Unit
from todo_gql.todos.paging import Page, PageRequest, window
from todo_gql.todos.queries import ALL, OLDEST_FIRST, StatName, TodoFilter, TodoOrder
from todo_gql.todos.rules import check_filter
from todo_gql.todos.store import pages as page_store
from todo_gql.todos.store import todos as todo_store
from todo_gql.todos.store.filters import needs_own_plan
from todo_gql.todos.texts import Texts
from todo_gql.todos.times import utc_now


class Todos:
    """One caller's todos. Ids are text as the caller wrote it; one that is not a UUID is an unknown one.

    What finds todos, and what changes them, raises Forbidden without the scope for it.
    """

    def __init__(
        self,
        database: Database,
        caller: Caller,
        policy: Policy,
        clock: Callable[[], datetime] = utc_now,
        counters: Counters | None = None,
    ) -> None:
        database = database.of(caller.owner)
        self._database = database
        self._caller = caller
        self._owner = caller.owner
        self._policy = policy
        self._clock = clock
        self._counters = counters
        self.neighbours = Neighbours(database, caller, policy)
        self.log = ChangeLog(database, caller, policy)
        self.texts = Texts(database, caller, policy, clock)

    # Reading

    async def find(self, todo_id: str, *, trashed: bool = False) -> Todo | None:
        """Find a live todo, or with `trashed` one in the trash."""
        return (await self.find_many([todo_id], trashed=trashed)).get(todo_id)

    async def find_many(self, todo_ids: Sequence[str], *, trashed: bool = False) -> Mapping[str, Todo]:
        """Find live todos, or with `trashed` those in the trash, by ids as they were asked for; unknown ones lack."""
        require(self._caller, AccessScope.READ)
        parsed = {text: todo_id for text in todo_ids if (todo_id := parse_todo_id(text)) is not None}
        if not parsed:
            return {}
        wanted = list(dict.fromkeys(parsed.values()))
        found = await self._database.read(lambda connection: todo_store.find_many(connection, self._owner, wanted))
        return {
            text: found[todo_id]
            for text, todo_id in parsed.items()
            if todo_id in found and (found[todo_id].trashed_at is not None) == trashed
        }

    async def page(
        self,
        request: PageRequest,
        *,
        todo_filter: TodoFilter = ALL,
        order: TodoOrder = OLDEST_FIRST,
    ) -> Page:
        """Read one page. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        checked = window(request, order, max_size=self._policy.max_page_size)
        now = self._clock()
        return await self._database.read(
            lambda connection: page_store.page(connection, self._owner, todo_filter, order, checked, now),
            plan_anew=needs_own_plan(todo_filter),
        )

    async def goes_on(self, page: Page, todo_filter: TodoFilter, *, forward: bool) -> bool:
        """Say whether the list holds anything after the page, or before it; asks only where the page cannot tell."""
        bound = page.beyond(forward=forward)
        if isinstance(bound, bool):
            return bound
        now = self._clock()
        return await self._database.read(
            lambda connection: page_store.exists_beyond(
                connection, self._owner, todo_filter, page.order, bound, now, forward=forward
            ),
            plan_anew=needs_own_plan(todo_filter),
        )

    async def count(self, todo_filter: TodoFilter) -> int:
        """Count what the filter admits. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        now = self._clock()
        return await self._database.read(lambda connection: page_store.count(connection, self._owner, todo_filter, now))

    async def stats(self, names: Sequence[StatName], todo_filter: TodoFilter) -> Mapping[StatName, int]:
        """Count what the filter admits in several ways. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        now = self._clock()
        return await self._database.read(
            lambda connection: page_store.stats(connection, self._owner, todo_filter, names, now)
        )

    async def next(self, first: int, todo_filter: TodoFilter = ALL) -> tuple[Todo, ...]:
        """Read what can be done now, most urgent first: unfinished todos that nothing blocks. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        checked = window(PageRequest(first=first), OLDEST_FIRST, max_size=self._policy.max_page_size)
        now = self._clock()
        return await self._database.read(
            lambda connection: page_store.next_todos(connection, self._owner, todo_filter, checked.size, now),
            plan_anew=needs_own_plan(todo_filter),
        )

    # Writing

    @overload
    async def execute(self, operation: Create) -> Created: ...
    @overload
    async def execute(self, operation: Delete) -> Deleted: ...
    @overload
    async def execute(self, operation: Revision) -> Updated: ...
    async def execute(self, operation: Operation) -> Created | Updated | Deleted:
        """Perform one operation. Raises the Problems that it can have; then nothing was changed."""
        if isinstance(operation, Create):
            operation = with_id(operation, self._clock())

        async def work(unit: Unit) -> Created | Updated | Deleted:
            done = await perform(unit, operation)
            return replace(done, sync_token=await unit.log.token())

        if isinstance(operation, Create):
            return await self._write(work, repeatable=True, alone=is_alone(operation))
        return await self._write(work)

    async def create_once(self, operation: Create, *, key: str, present: Present) -> KeyedAnswer:
        """Create a todo under a key; the same request under the same key gets the same answer for a day.

        Args:
            operation: What to create.
            key: How the caller names this request, in visible ASCII.
            present: Writes the answer, which is kept with the todo.

        Raises KeyRunning, KeyReused, and the Problems that a creation can have.
        """
        require(self._caller, AccessScope.WRITE)
        once = Once(with_id(operation, self._clock()), key, present)
        answer = await self._database.write(lambda connection: once.perform(self._unit(connection)), repeatable=True)
        if answer.created is not None:
            self._count(answer.created)
        return answer

    async def execute_all(self, operations: Sequence[Operation], *, atomic: bool, dry_run: bool) -> BulkDone:
        """Perform operations in order, each reported; all or none with `atomic`, none with `dry_run`.

        Raises LimitExceeded for too many.
        """
        require(self._caller, AccessScope.WRITE)
        bulk.check_size(operations, self._policy)
        try:
            done = await self._database.write(
                lambda connection: bulk.perform_all(
                    self._unit(connection), operations, self._clock, atomic=atomic, dry_run=dry_run
                )
            )
        except RolledBack as rolled_back:
            return rolled_back.done
        for result in done.results:
            self._count(result)
        return done

    async def revise(self, todo_id: str, make_patch: Revise, *, if_version: int | None = None) -> Updated:
        """Change a todo by a patch that `make_patch` makes of it as it stands, locked.

        Raises what `make_patch` raises, NotFound, and VersionConflict before `make_patch` is called.
        """
        return await self._write(lambda unit: revision.revise(unit, todo_id, make_patch, if_version=if_version))

    async def put(
        self, todo_id: str, draft: TodoDraft, make_patch: Revise, *, if_version: int | None = None
    ) -> Created | Updated:
        """Create a todo under this id, or revise the one that stands there. Raises what those do."""
        return await self._write(lambda unit: revision.put(unit, todo_id, draft, make_patch, if_version=if_version))

    async def delete(self, todo_id: str, check: Callable[[Todo], None]) -> Deleted:
        """Move a todo to the trash once `check` has seen it as it stands. Raises NotFound, and what `check` raises."""
        return await self._write(lambda unit: trash.delete_checked(unit, todo_id, check))

    async def _write[D: OperationResult](
        self, work: Callable[[Unit], Awaitable[D]], *, repeatable: bool = False, alone: bool = False
    ) -> D:
        require(self._caller, AccessScope.WRITE)
        done = await self._database.write(
            lambda connection: work(self._unit(connection)), repeatable=repeatable, alone=alone
        )
        self._count(done)
        return done

    def _count(self, done: OperationResult) -> None:
        if self._counters is not None:
            self._counters.count(done)

    def _unit(self, connection: Connection) -> Unit:
        return Unit(
            connection=connection,
            caller=self._caller,
            now=self._clock(),
            policy=self._policy,
            log=Log(connection, self._caller),
        )
