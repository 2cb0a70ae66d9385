"""Prints what happens to todos as it happens, by server-sent events; comes back by itself, and misses nothing."""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from client import Client, GraphQLErrors
from operations import EVENTS, NOW, TodoEvent
from pydantic import TypeAdapter

# The service sends a sign of life every 12 seconds: who hears nothing for so long is cut off.
SILENCE_S = 40


@dataclass(frozen=True, slots=True)
class ServerSent:
    """What stands between two empty lines (html.spec.whatwg.org, section 9.2); a comment has no fields."""

    event: str | None
    id: str | None
    data: str
    retry_s: float | None


class Listener:
    """Follows one service from a token on."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http = http
        self._last_id = token
        self._retry_s = 3.0

    def events(self) -> Iterator[TodoEvent]:
        """Yield what happens, over as many connections as it takes. Raises GraphQLErrors, httpx.HTTPStatusError."""
        while True:
            try:
                yield from self._connection()
            except httpx.TransportError as error:
                print(f"The connection is lost: {error}.", file=sys.stderr)
            # Not all at the same moment: a service that restarts has many clients.
            pause_s = self._retry_s * random.uniform(1, 2)
            print(f"Coming back in {pause_s:.2f} s.", file=sys.stderr, flush=True)
            time.sleep(pause_s)

    def _connection(self) -> Iterator[TodoEvent]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": self._last_id}
        with self._http.stream("POST", "/graphql", json={"query": EVENTS.document}, headers=headers) as response:
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                return
            response.raise_for_status()
            for sent in server_sent(lines(response.iter_text())):
                self._retry_s = self._retry_s if sent.retry_s is None else sent.retry_s
                if sent.event == "next":
                    yield read(sent.data)
                    # Only now: it was dealt with. Who is stopped before is told of it again.
                    self._last_id = sent.id or self._last_id


def read(data: str) -> TodoEvent:
    """Read an event. Raises GraphQLErrors: SYNC_RESET, when the log does not go back as far as the token."""
    body = TypeAdapter(dict[str, object]).validate_json(data)
    if "errors" in body:
        raise GraphQLErrors(body["errors"])
    return EVENTS.answer.model_validate(body["data"]).todo_events


def lines(chunks: Iterator[str]) -> Iterator[str]:
    """Split a stream at line feeds alone: httpx's iter_lines knows other ends of lines, which a title may hold."""
    rest = ""
    for chunk in chunks:
        *complete, rest = (rest + chunk).split("\n")
        yield from complete


def server_sent(stream: Iterator[str]) -> Iterator[ServerSent]:
    """Put lines together."""
    fields: dict[str, str] = {}
    for line in stream:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        retry_ms = fields.get("retry", "")
        yield ServerSent(
            event=fields.get("event"),
            id=fields.get("id"),
            data=fields.get("data", ""),
            retry_s=int(retry_ms) / 1000 if retry_ms.isdecimal() else None,
        )
        fields = {}


def main() -> None:
    """Print what happens from now on."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8082"
    with httpx.Client(base_url=url, timeout=httpx.Timeout(10, read=SILENCE_S)) as http:
        token = Client(http).send(NOW).todos.sync_token
        print("listening", flush=True)
        for event in Listener(http, token).events():
            print(event.kind, event.todo.title if event.todo else event.todo_id, flush=True)


if __name__ == "__main__":
    main()
