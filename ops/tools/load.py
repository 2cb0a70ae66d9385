"""A few requests a second, as several callers would send them, so that there is something to look at.

    python ops/tools/load.py http://127.0.0.1:8082

Runs in the image of the service, on the standard library. It puts away what it creates, and never stops.
"""

import json
import random
import sys
import time
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

REQUESTS_A_SECOND: Final = 5
KEPT: Final = 200
"""How many of its todos there are at a time."""

TITLES: Final = ("Knead the dough", "Sweep the floor", "Order flour", "Count the rolls", "Feed the sourdough")

CREATE: Final = """mutation Create($input: TodoCreateInput!) {
  todoCreate(input: $input) { ... on TodoCreated { todo { id } } ... on Problem { code } }
}"""
COMPLETE: Final = """mutation Complete($id: ID!) {
  todoComplete(id: $id) { __typename ... on Problem { code } }
}"""
DELETE: Final = """mutation Delete($id: ID!) {
  todoDelete(id: $id) { __typename ... on Problem { code } }
}"""
LIST: Final = """query List {
  todos(last: 20) { nodes { id title status isBlocked dependencies { title } } }
}"""
NEXT: Final = """query Next {
  nextTodos(first: 5) { id title priority }
}"""


class Caller:
    """Sends one request after the other."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=10)
        self._ids: deque[str] = deque()

    def act(self) -> None:
        """Send one request, more often to read than to write; the refused ones are among them on purpose."""
        acts: dict[Callable[[], None], int] = {
            self._list: 30,
            self._next: 20,
            self._create: 15,
            self._complete: 10,
            self._list_over_rest: 10,
            self._get_over_rest: 10,
            self._create_untitled_over_rest: 3,
            self._ask_for_an_unknown_field: 2,
        }
        [chosen] = random.choices(tuple(acts), tuple(acts.values()))  # noqa: S311  Not a secret.
        chosen()
        while len(self._ids) > KEPT:
            self._graphql(DELETE, id=self._ids.popleft())

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def _list(self) -> None:
        self._graphql(LIST)

    def _next(self) -> None:
        self._graphql(NEXT)

    def _create(self) -> None:
        dependencies = [self._ids[-1]] if self._ids else []
        made = self._graphql(CREATE, input={"title": random.choice(TITLES), "dependencies": dependencies})  # noqa: S311
        match made:
            case {"data": {"todoCreate": {"todo": {"id": str(id_)}}}}:
                self._ids.append(id_)
            case _:
                pass

    def _complete(self) -> None:
        # Often refused: what it depends on is open.
        if self._ids:
            self._graphql(COMPLETE, id=random.choice(self._ids))  # noqa: S311

    def _list_over_rest(self) -> None:
        self._send("GET", "/todos")

    def _get_over_rest(self) -> None:
        if self._ids:
            self._send("GET", f"/todos/{self._ids[-1]}")

    def _create_untitled_over_rest(self) -> None:
        self._send("POST", "/todos", {"title": " "})

    def _ask_for_an_unknown_field(self) -> None:
        self._graphql("query Mistaken { todos { nodes { colour } } }")

    def _graphql(self, document: str, **variables: object) -> Any:
        return self._send("POST", "/graphql", {"query": document, "variables": variables})

    def _send(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, content, {"Content-Type": "application/json"})
            return json.loads(self._connection.getresponse().read())
        except (OSError, HTTPException, ValueError) as error:
            # The service is being restarted, perhaps to see what that looks like on a dashboard.
            print(f"{method} {path}: {error!r}", file=sys.stderr, flush=True)
            self.close()
            return None


def main() -> None:
    """Send requests to the service whose address is given, until interrupted."""
    address = urlsplit(sys.argv[1])
    caller = Caller(address.hostname or "", address.port or 80)
    while True:
        caller.act()
        time.sleep(random.expovariate(REQUESTS_A_SECOND))


if __name__ == "__main__":
    main()
