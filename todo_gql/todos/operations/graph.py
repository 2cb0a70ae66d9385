"""Dependencies as a graph without cycles: what may be added, what stands in the way, what goes first."""

from collections.abc import Mapping, Sequence
from typing import Final

from todo_gql.todos import rules
from todo_gql.todos.model import UNFINISHED, TodoId
from todo_gql.todos.operations.work import Unit
from todo_gql.todos.problems import Blocked, DependencyCycle, LimitExceeded
from todo_gql.todos.store import dependencies as store
from todo_gql.todos.store import todos as todo_store

_MAX_CYCLE_SHOWN: Final = 50


async def replace_dependencies(unit: Unit, todo_id: TodoId, wanted: Sequence[TodoId]) -> bool:
    """Make these the todo's listed dependencies; True when that changed the set. Those in the trash stay.

    The caller has locked the graph. Raises Invalid, LimitExceeded and DependencyCycle.
    """
    positions = await store.positions(unit.connection, unit.owner, todo_id)
    removed = [listed for listed, (_, is_live) in positions.items() if is_live and listed not in wanted]
    return await _change(unit, todo_id, positions, field="dependencies", added=wanted, removed=removed)


async def change_dependencies(
    unit: Unit, todo_id: TodoId, *, added: Sequence[TodoId], removed: Sequence[TodoId]
) -> bool:
    """Add and remove dependencies; True when that changed the set. What is in both is added.

    The caller has locked the graph. Raises Invalid, LimitExceeded and DependencyCycle.
    """
    positions = await store.positions(unit.connection, unit.owner, todo_id)
    removed = [listed for listed in dict.fromkeys(removed) if listed in positions and listed not in added]
    return await _change(unit, todo_id, positions, field="add", added=added, removed=removed)


async def add_first_dependencies(unit: Unit, todo_id: TodoId, added: Sequence[TodoId]) -> None:
    """Give a new todo its dependencies: no one depends on it yet, so no cycle can come of it. Raises Invalid."""
    if added:
        known = await todo_store.keep_live(unit.connection, unit.owner, added)
        rules.check_references_exist("dependencies", added, known - {todo_id})
        await store.add(unit.connection, unit.owner, todo_id, list(dict.fromkeys(added)), 0)


async def check_unblocked(unit: Unit, todo_id: TodoId) -> None:
    """Raise Blocked while the todo has unfinished dependencies."""
    listed = (await store.dependencies(unit.connection, unit.owner, [todo_id]))[todo_id]
    blocked_by = tuple(todo for todo in listed if todo.status in UNFINISHED)
    if blocked_by:
        raise Blocked(blocked_by)


async def unfinished_before(unit: Unit, todo_id: TodoId) -> Sequence[TodoId]:
    """List what must be completed before the todo, dependencies first. Raises LimitExceeded when that is too much."""
    edges = await store.unfinished_edges(unit.connection, unit.owner, todo_id)
    found = {depends_on_id for listed in edges.values() for depends_on_id in listed} - {todo_id}
    if len(found) > unit.policy.max_bulk_size:
        raise LimitExceeded(
            f"At most {unit.policy.max_bulk_size} dependencies are completed at once.",
            limit=unit.policy.max_bulk_size,
            actual=len(found),
        )
    return _dependencies_first(edges, todo_id)


async def _change(
    unit: Unit,
    todo_id: TodoId,
    positions: Mapping[TodoId, tuple[int, bool]],
    *,
    field: str,
    added: Sequence[TodoId],
    removed: Sequence[TodoId],
) -> bool:
    new = [depends_on_id for depends_on_id in dict.fromkeys(added) if depends_on_id not in positions]
    if added:
        known = await todo_store.keep_live(unit.connection, unit.owner, added)
        rules.check_references_exist(field, added, known)
    total = len(positions) - len(removed) + len(new)
    if new and total > rules.MAX_DEPENDENCIES:
        raise LimitExceeded(
            f"A todo has at most {rules.MAX_DEPENDENCIES} dependencies, those in the trash included.",
            limit=rules.MAX_DEPENDENCIES,
            actual=total,
        )
    if removed:
        await store.remove(unit.connection, unit.owner, todo_id, removed)
    if new:
        await _refuse_cycle(unit, todo_id, new)
        after_all = 1 + max((position for position, _ in positions.values()), default=-1)
        await store.add(unit.connection, unit.owner, todo_id, new, after_all)
    return bool(new or removed)


async def _refuse_cycle(unit: Unit, todo_id: TodoId, added: Sequence[TodoId]) -> None:
    if not await store.reaches(unit.connection, unit.owner, added, todo_id):
        return
    edges = await store.reachable_edges(unit.connection, unit.owner, added)
    path = _shortest_path({**edges, todo_id: added}, todo_id)[:_MAX_CYCLE_SHOWN]
    todos = await todo_store.find_many(unit.connection, unit.owner, path)
    raise DependencyCycle(tuple(todos[step] for step in path))


def _shortest_path(edges: Mapping[TodoId, Sequence[TodoId]], start: TodoId) -> list[TodoId]:
    """Walk breadth first from `start` until it comes around to itself; both ends are in the answer."""
    came_from: dict[TodoId, TodoId] = {}
    frontier = [start]
    while start not in came_from:
        reached = [(depends_on_id, step) for step in frontier for depends_on_id in edges.get(step, ())]
        frontier = []
        for depends_on_id, step in reached:
            if depends_on_id not in came_from:
                came_from[depends_on_id] = step
                frontier.append(depends_on_id)
    path = [start, came_from[start]]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def _dependencies_first(edges: Mapping[TodoId, Sequence[TodoId]], start: TodoId) -> list[TodoId]:
    """Walk depth first without recursion; a todo is listed once everything that it depends on is."""
    ordered: dict[TodoId, None] = {}
    entered = {start}
    path = [(start, iter(edges.get(start, ())))]
    while path:
        todo_id, remaining = path[-1]
        following = next((step for step in remaining if step not in entered), None)
        if following is not None:
            entered.add(following)
            path.append((following, iter(edges.get(following, ()))))
        else:
            ordered[todo_id] = None
            path.pop()
    del ordered[start]
    return list(ordered)
