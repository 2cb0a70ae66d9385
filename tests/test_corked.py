"""What is written to a connection in one turn of the event loop goes out together."""

import asyncio

from todo_gql.corked import CorkedTransport


class Recorder(asyncio.Transport):
    """A transport that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def is_closing(self) -> bool:
        return "close" in self.told


async def test_a_head_and_a_body_go_out_together() -> None:
    transport = Recorder()
    corked = CorkedTransport(transport)

    corked.write(b"head ")
    corked.write(b"body")
    assert transport.told == []
    await asyncio.sleep(0)

    assert transport.told == [b"head body"]


async def test_what_is_written_in_another_turn_goes_out_by_itself() -> None:
    transport = Recorder()
    corked = CorkedTransport(transport)

    corked.write(b"one")
    await asyncio.sleep(0)
    corked.write(b"two")
    await asyncio.sleep(0)

    assert transport.told == [b"one", b"two"]


async def test_much_is_not_held_back() -> None:
    transport = Recorder()
    corked = CorkedTransport(transport)
    much = bytes(65_537)

    corked.write(much)

    assert transport.told == [much]


async def test_closing_loses_nothing() -> None:
    transport = Recorder()
    corked = CorkedTransport(transport)

    corked.write(b"last words")
    corked.close()
    await asyncio.sleep(0)

    assert transport.told == [b"last words", "close"]
    assert corked.is_closing()
