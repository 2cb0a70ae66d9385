"""A connection that speaks HTTP: what may be sent on it, how long that may take, and the taking of an answer."""

import asyncio
from enum import Enum, auto
from typing import ClassVar, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from todo_gql.connections.timer import Timer

MAX_HEAD_BYTES: Final = 16_384

_MAX_WAITING: Final = 100
"""Requests that were sent on before the first has its answer. Each is an object of some kilobytes."""

_INVALID: Final = "Invalid HTTP request received."  # uvicorn's words.


class _Reading(Enum):
    NOTHING = auto()
    HEAD = auto()
    BODY = auto()


class _Unacceptable(Exception):
    """What the parser lets through, and the service does not; the parser hands it on as one of its own errors."""


class HTTPConnection(HttpToolsProtocol):
    """A connection that is closed when a request, or the taking of an answer, lasts too long, or is too much.

    The parser, llhttp, refuses what two servers could understand differently. It bounds nothing, and leaves to its
    callers what is not syntax: that a request names its host once, and what may come in trailers.
    """

    request_s: ClassVar[float] = 10
    """From the opening of the connection, or the first byte of a request, to its last byte."""
    answer_s: ClassVar[float] = 30
    """For how long the client may take nothing while more of an answer is there than its sockets hold."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn.
        """Expect a request."""
        super().connection_made(transport)
        self.access_log = False  # AccessLines writes it.
        self._reading = _Reading.NOTHING
        self._bytes_between = 0
        self._is_deaf = False
        self._sending = Timer(self.request_s, transport.abort)
        self._taking = Timer(self.answer_s, transport.abort)
        self._sending.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, in parts of which none is longer than a head may be."""
        if self._is_deaf:
            self.flow.pause_reading()
            return
        self._unset_keepalive_if_required()
        for start in range(0, len(data), MAX_HEAD_BYTES):
            if not self._read(data[start : start + MAX_HEAD_BYTES]):
                return
        self._watch()

    def on_message_begin(self) -> None:
        """Expect the rest of a request."""
        super().on_message_begin()
        self._reading = _Reading.HEAD

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is none (RFC 9110 section 6.5.1), and uvicorn would make one of it."""
        if self._reading is _Reading.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer, unless another protocol is wished for: then `feed_data` ends here."""
        self._refuse_the_unacceptable()
        self._bytes_between = 0
        if not self.parser.should_upgrade() or self._should_upgrade():
            super().on_headers_complete()
            self._reading = _Reading.BODY

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        super().on_body(body)
        self._bytes_between = 0

    def on_message_complete(self) -> None:
        """Expect another request."""
        if self._reading is _Reading.BODY:
            super().on_message_complete()
        self._reading = _Reading.NOTHING
        self._bytes_between = 0

    def on_response_complete(self) -> None:
        """Begin to answer what came meanwhile."""
        if self._is_deaf and not self.pipeline and not self.transport.is_closing():
            super().send_400_response(_INVALID)
        super().on_response_complete()
        self._watch()

    def send_400_response(self, msg: str = _INVALID) -> None:
        """Refuse what cannot be read, once what came before it is answered; read no more."""
        self._is_deaf = True
        self._sending.stop()
        if self._is_answering_another():
            # The client would take an answer of now for that to its first request.
            self.flow.pause_reading()
            if self._reading is _Reading.BODY:
                self.pipeline.popleft()
        elif self._reading is _Reading.BODY and self.cycle.response_started:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to another protocol."""
        if self._is_answering_another():
            self.send_400_response()  # What would be written for it is for the WebSocket's client to read.
            return
        self._is_deaf = True
        self._end()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """Expect the client to take something."""
        super().pause_writing()
        self._taking.start()

    def resume_writing(self) -> None:
        """Go on: it did."""
        super().resume_writing()
        self._taking.stop()

    def _read(self, data: bytes) -> bool:
        """Read a part, and say whether there is to be another."""
        self._bytes_between += len(data)
        try:
            self._feed(data)
        except HttpParserError:
            self.logger.warning(_INVALID)
            self.send_400_response()
        else:
            if self._bytes_between > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request, or what frames its body, is too long.")
        return not self._is_deaf

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                if self._should_upgrade():
                    self.handle_websocket_upgrade()
                    return
                # A wish that is not granted is ignored (RFC 9110 section 7.8). But the parser ends the request with its
                # head, and would take the body for the next one. Java's client wishes for h2c with its first POST.
                head = self._head_without_wish()
                self.parser = HttpRequestParser(self)
                data = head + data[upgrade.args[0] :]
            else:
                return

    def _head_without_wish(self) -> bytes:
        headers = [name + b": " + value + b"\r\n" for name, value in self.headers if name != b"upgrade"]
        version = self.parser.get_http_version().encode()
        first_line = (self.parser.get_method(), b" ", self.url, b" HTTP/", version, b"\r\n")
        return b"".join((*first_line, *headers, b"\r\n"))

    def _refuse_the_unacceptable(self) -> None:
        version = self.parser.get_http_version()
        hosts = [value for name, value in self.headers if name == b"host"]
        if version not in {"1.1", "1.0"} or len(hosts) > 1 or (version == "1.1" and not hosts):
            raise _Unacceptable
        if self.parser.get_method() == b"CONNECT" or not self._names_its_host(hosts):
            raise _Unacceptable
        encodings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if encodings and (encodings != [b"chunked"] or version == "1.0"):
            raise _Unacceptable
        if len(self.pipeline) >= _MAX_WAITING:
            raise _Unacceptable

    def _names_its_host(self, hosts: list[bytes]) -> bool:
        """Say whether a target that names a host, as those for proxies do, names that of the header."""
        return self.url.startswith((b"/", b"*")) or self.url.lower().split(b"/", 3)[2:3] == [
            host.lower() for host in hosts
        ]

    def _is_answering_another(self) -> bool:
        """Say whether a request before the one that is being read has no answer yet."""
        if self._reading is _Reading.BODY:
            return bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # uvicorn begins with None.

    def _watch(self) -> None:
        is_within = self._reading is not _Reading.NOTHING or self._bytes_between > 0
        if is_within and not self._is_deaf and not self._is_answering_another():
            self._sending.start()
        else:
            self._sending.stop()

    def _end(self) -> None:
        self._sending.end()
        self._taking.end()
