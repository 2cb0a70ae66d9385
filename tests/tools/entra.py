"""A token endpoint as Microsoft Entra has one, which hands out tokens that a PostgreSQL of the tests takes."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

LIFE_S = 3600


@dataclass
class Entra:
    """What it was asked, and how it answers: with a new token each time, unless it fails."""

    address: str
    hand_out: Callable[[str], None]
    failure: tuple[int, str] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        self.asked.append((path, form))
        if self.failure is not None:
            return self.failure
        # Entra's are as long.
        token = f"token-{len(self.tokens)}-" + "x" * 1500
        self.hand_out(token)
        self.tokens.append(token)
        return 200, json.dumps({"token_type": "Bearer", "expires_in": LIFE_S, "access_token": token})


@contextmanager
def running_entra(hand_out: Callable[[str], None]) -> Iterator[Entra]:
    """Run an endpoint until the end of the block.

    Args:
        hand_out: Has a new token accepted, in a thread of its own, before it is answered.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = entra.answer(self.path, {name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        entra = Entra(address=f"http://127.0.0.1:{server.server_port}/", hand_out=hand_out)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield entra
        finally:
            server.shutdown()
            thread.join()
