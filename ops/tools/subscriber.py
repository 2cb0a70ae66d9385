"""A subscriber to the service: over server-sent events with the standard library, and over WebSocket."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Final
from urllib.parse import urlencode

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from ops.tools.client import TIMEOUT_S, Client
from ops.tools.containers import CheckFailed, check

EVENTS: Final = """
subscription ($since: SyncToken) { todoEvents(since: $since) { kind todo { title } } }
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a subscriber was told of: the title of a todo that was created, and the token with which to go on."""

    title: str
    token: str


class Stream:
    """The events of one answer (html.spec.whatwg.org, section 9.2), as far as the service uses them."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._lines = iter(response.readline, b"")

    def wait_until_open(self) -> None:
        """Read the time to wait before coming back, which the service tells when it begins to listen."""
        check(any(line.startswith(b"retry:") for line in self._lines), "A stream ended before it had begun.")

    def next(self) -> Heard:
        """Wait for the next event."""
        token = ""
        for line in self._lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                token = value
            elif name == "data":
                return Heard(_title(json.loads(value)), token)
        raise CheckFailed("A stream ended although nobody had asked it to.")

    def end(self) -> bytes:
        """Read what is left until the service ends the stream."""
        return self._response.read()


@contextmanager
def subscribed(port: int, *, after: str | None = None, by_get: bool = False) -> Iterator[Stream]:
    """Subscribe by server-sent events, from now on or after an event; by GET, as a browser's EventSource does."""
    headers = {"Accept": "text/event-stream", **({} if after is None else {"Last-Event-ID": after})}
    with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as connection:
        if by_get:
            connection.request("GET", f"/graphql?{urlencode({'query': EVENTS})}", headers=headers)
        else:
            body = json.dumps({"query": EVENTS})
            connection.request("POST", "/graphql", body, {**headers, "Content-Type": "application/json"})
        response = connection.getresponse()
        check(response.status == HTTPStatus.OK, f"A subscription was answered with {response.status}.")
        stream = Stream(response)
        stream.wait_until_open()
        yield stream


def walk_subscriptions(port: int) -> None:
    """Hear of a change as it happens, resume after it, and hear of the rest on both other ways."""
    with closing(Client(port)) as client, subscribed(port) as stream:
        client.create("Whisk the cream")
        first = stream.next()
        client.create("Beat the eggs")
        live = stream.next()
    with subscribed(port, after=first.token, by_get=True) as stream:
        resumed = stream.next()
    titles = {"POST": live.title, "GET": resumed.title, "WebSocket": _title_over_web_socket(port, first.token)}
    check(first.title == "Whisk the cream", f"The first event is that of {first.title}.")
    check(set(titles.values()) == {"Beat the eggs"}, f"The second event is that of {titles}.")
    print(f"subscriptions hear of what happens, and resume: {', '.join(titles)}")


def _title_over_web_socket(port: int, token: str) -> str:
    """Ask with the protocol graphql-transport-ws for what has happened since a token."""
    subprotocol = Subprotocol("graphql-transport-ws")
    with connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[subprotocol], proxy=None) as socket:

        def exchange(**message: object) -> Any:
            socket.send(json.dumps(message))
            return json.loads(socket.recv(TIMEOUT_S))

        acknowledged = exchange(type="connection_init")
        check(acknowledged == {"type": "connection_ack"}, f"A socket was answered with {acknowledged}.")
        told = exchange(id="1", type="subscribe", payload={"query": EVENTS, "variables": {"since": token}})
        return _title(told["payload"])


def _title(payload: Any) -> str:
    check("errors" not in payload, f"A subscription was answered with {payload}.")
    event = payload["data"]["todoEvents"]
    check(event["kind"] == "CREATED", f"The creation of a todo was told as {event}.")
    return str(event["todo"]["title"])
