"""How many have subscribed, what they were sent, and how late."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from todo_gql.graphql.subscriptions.subscriber import Message
from todo_gql.telemetry import names

Delivered = Callable[[Sequence[Message], bool], None]
"""Takes messages that were sent, and whether they are live."""


class Transport(StrEnum):
    """How events are sent."""

    WEB_SOCKET = "websocket"
    EVENT_STREAM = "sse"


class Deliveries:
    """Counts subscriptions and what is sent to them.

    A thousand subscribers make each event a thousand deliveries: those are numbers here, which are looked at whenever
    metrics are exported.

    Args:
        behind_s: Says how far the process is behind the change log.
    """

    def __init__(self, meter: Meter, *, behind_s: Callable[[], float]) -> None:
        self._active = dict.fromkeys(Transport, 0)
        self._delivered = dict.fromkeys(Transport, 0)
        self._lags = names.EVENTS_LAG.histogram(meter)
        names.SUBSCRIPTIONS.observe(meter, lambda _: _by_transport(self._active))
        names.EVENTS_DELIVERED.observe(meter, lambda _: _by_transport(self._delivered))

        def backlog(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(behind_s())]

        names.CHANGES_BACKLOG.observe(meter, backlog)

    @contextmanager
    def to_subscriber(self, transport: Transport) -> Iterator[Delivered]:
        """Count a subscription as long as it lasts; give what counts its deliveries."""

        def delivered(messages: Sequence[Message], are_live: bool) -> None:
            self._delivered[transport] += len(messages)
            # What someone has missed says how long they were away.
            if are_live and messages:
                # Measuring each took as long as sending it, in a burst to a thousand subscribers (5 us).
                oldest = messages[0]
                # Clocks of replicas differ.
                self._lags.record(max(0, time.time() - oldest.changed_at_s), context=oldest.trace)

        self._active[transport] += 1
        try:
            yield delivered
        finally:
            self._active[transport] -= 1


def _by_transport(numbers: dict[Transport, int]) -> Iterable[Observation]:
    return [Observation(number, {"transport": transport.value}) for transport, number in numbers.items()]
