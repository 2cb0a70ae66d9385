"""What waits for a subscriber."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN_CONTEXT

from todo_gql.graphql.subscriptions.subscriber import Message, Subscriber
from todo_gql.todos.model import Change, ChangeKind, Owner, SyncToken, TodoId
from todo_gql.todos.sync import At, Cut


async def test_who_has_seen_all_that_waits_waits_on() -> None:
    subscriber = Subscriber(INVALID_SPAN_CONTEXT)
    subscriber.push(_message(transaction_id=1))

    subscriber.skip(At(Cut(2, 2)))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await subscriber.take(patience_s=60)


async def test_what_lies_beyond_the_place_still_waits() -> None:
    subscriber = Subscriber(INVALID_SPAN_CONTEXT)
    seen, unseen = _message(transaction_id=1), _message(transaction_id=2)
    subscriber.push(seen)
    subscriber.push(unseen)

    subscriber.skip(At(Cut(2, 2)))

    assert await subscriber.take(patience_s=60) == [unseen]


def _message(*, transaction_id: int) -> Message:
    change = Change(
        position=transaction_id,
        transaction_id=transaction_id,
        owner=Owner(""),
        todo_id=TodoId(UUID(int=1)),
        kind=ChangeKind.CREATED,
        version=1,
        changed_fields=(),
        at=datetime(2026, 11, 24, tzinfo=UTC),
        actor=None,
        trace_id=None,
        span_id=None,
    )
    return Message(payload=b"{}", change=change, sync_token=SyncToken("token"), trace=Context())
