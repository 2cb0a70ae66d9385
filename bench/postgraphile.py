"""The operations in the words of the schema that PostGraphile makes of the tables; aliases make its answers alike."""

import base64
import json
from pathlib import Path
from typing import Final

from bench import todos

FUNCTIONS: Final = Path(__file__).with_name("peers") / "postgraphile.sql"
"""What the database needs for it."""

_FIELDS: Final = "id: rowId title description status priority version createdAt updatedAt"
# Its conditions are what the service adds by itself.
_OURS: Final = 'owner: "", trashedAt: null'
_BY_AGE: Final = "orderBy: [CREATED_AT_ASC, ROW_ID_ASC]"

PAGE: Final = f"query Page($first: Int!, $after: Cursor) {{ todos: allTodos(first: $first, after: $after, condition: {{{_OURS}}}, {_BY_AGE}) {{ edges {{ cursor node {{ {_FIELDS} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"  # noqa: E501
BY_ID: Final = f'query ById($id: UUID!) {{ todo: todoByOwnerAndRowId(owner: "", rowId: $id) {{ {_FIELDS} }} }}'
CREATE: Final = (
    f"mutation Create($input: TodoCreateInput!) {{ todoCreate(input: $input) {{ todo: result {{ {_FIELDS} }} }} }}"
)
# Of these todos, those with greater ids are the younger ones: it orders by columns of the table between them alone.
NESTED: Final = f"query Nested($first: Int!) {{ todos: allTodos(first: $first, condition: {{{_OURS}}}, {_BY_AGE}) {{ nodes {{ id: rowId title dependencies: todoDependenciesByOwnerAndTodoId(orderBy: POSITION_ASC) {{ nodes {{ todo: todoByOwnerAndDependsOnId {{ id: rowId title }} }} }} dependents: todoDependenciesByOwnerAndDependsOnId(first: 5, orderBy: TODO_ID_ASC) {{ nodes {{ todo: todoByOwnerAndTodoId {{ id: rowId title }} }} }} }} }} }}"  # noqa: E501
FILTERED: Final = f'query Filtered {{ todos: allTodos(first: 20, condition: {{{_OURS}, status: "OPEN", priority: 3}}, orderBy: [OVERDUE_AT_ASC, CREATED_AT_ASC, ROW_ID_ASC]) {{ nodes {{ {_FIELDS} }} }} }}'  # noqa: E501


def cursor_at(sample: str, number: int) -> str:
    """Point at a todo as a cursor of a page by age does, of which any will do for a sample."""
    order, *_ = json.loads(base64.b64decode(sample))
    todo = todos.todo(number)
    # What is sorted by, and the primary key, which it adds.
    parts = [order, todo.created_at.isoformat(), str(todo.id), "", str(todo.id)]
    return base64.b64encode(json.dumps(parts).encode()).decode()
