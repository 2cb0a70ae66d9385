"""A caller of the service, and what it must find: on one connection, with the standard library alone."""

import http.client
import json
import re
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from ops.tools.containers import check

TIMEOUT_S: Final = 30

CREATE: Final = (
    "mutation ($input: TodoCreateInput!) { todoCreate(input: $input) { ... on TodoCreated { todo { id } } } }"
)


class Answer(NamedTuple):
    """A status, and the body: parsed where it is JSON."""

    status: int
    body: Any


class Client:
    """Sends requests to a service on this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Ask for a resource."""
        return self._send("GET", path, None, {"Accept": accept})

    def post(self, path: str, body: object) -> Answer:
        """Send JSON."""
        return self._send("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def graphql(self, document: str, **variables: object) -> Any:
        """Run an operation and give its data."""
        answer = self.post("/graphql", {"query": document, "variables": variables})
        check("errors" not in answer.body, f"{document} was answered with {answer.body}.")
        return answer.body["data"]

    def create(self, title: str, **members: object) -> str:
        """Create a todo over GraphQL and give its id."""
        return str(self.graphql(CREATE, input={"title": title, **members})["todoCreate"]["todo"]["id"])

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read().decode()
        is_json = "json" in response.headers.get_content_type()
        return Answer(response.status, json.loads(content) if is_json else content)


def walk(client: Client) -> None:
    """Go through both faces of the service, the pages for browsers, and the probes."""
    check(client.get("/livez").status == HTTPStatus.OK, "/livez does not answer 200.")
    check(client.get("/readyz").status == HTTPStatus.OK, "/readyz does not answer 200.")
    _walk_graphql(client)
    _walk_rest(client)
    for path in ("/graphql", "/docs"):
        _walk_page(client, path)


def _walk_graphql(client: Client) -> None:
    flour = client.create("Buy flour")
    bread = client.create("Bake bread", dependencies=[flour])
    blocked = "mutation ($id: ID!) { todoComplete(id: $id) { ... on Problem { code } } }"
    code = client.graphql(blocked, id=bread)["todoComplete"].get("code")
    check(code == "BLOCKED", f"Completing a todo whose dependency is open was answered with the code {code}.")
    found = client.graphql("query ($id: ID!) { todo(id: $id) { isBlocked dependencies { title } } }", id=bread)
    check(found["todo"] == {"isBlocked": True, "dependencies": [{"title": "Buy flour"}]}, f"The todo is {found}.")


def _walk_rest(client: Client) -> None:
    created = client.post("/todos", {"title": "Buy yeast", "description": "Fresh, not dried."})
    check(created.status == HTTPStatus.CREATED, f"POST /todos was answered with {created}.")
    found = client.get(f"/todos/{created.body['id']}")
    check(found.body["title"] == "Buy yeast", f"The todo that REST created is {found}.")
    refused = client.post("/todos", {"title": " "})
    check(refused.status == HTTPStatus.UNPROCESSABLE_ENTITY, f"A blank title was answered with {refused}.")


def _walk_page(client: Client, path: str) -> None:
    page = client.get(path, accept="text/html")
    assets = re.findall(r'(?:src|href)="(/graphql/assets/[^"]+)"', str(page.body))
    check(page.status == HTTPStatus.OK and assets != [], f"The page of {path} was not built.")
    for asset in assets:
        check(client.get(asset).status == HTTPStatus.OK, f"{asset}, of the page of {path}, is missing.")
