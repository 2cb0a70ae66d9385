"""The connections to the database, as metrics."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from todo_gql.telemetry import names

_POOL: Final = {"db.client.connection.pool.name": "requests"}
_STATE: Final = "db.client.connection.state"


class PoolState(Protocol):
    """The connections at one moment, and how often waiting for one was in vain so far."""

    @property
    def used(self) -> int: ...  # noqa: D102
    @property
    def idle(self) -> int: ...  # noqa: D102
    @property
    def largest(self) -> int: ...  # noqa: D102
    @property
    def waiting(self) -> int: ...  # noqa: D102
    @property
    def timeouts(self) -> int: ...  # noqa: D102


def observe_pool(meter: Meter, state: Callable[[], PoolState]) -> None:
    """Let a pool be looked at whenever metrics are exported."""

    def connections(_: CallbackOptions) -> Iterable[Observation]:
        now = state()
        return [Observation(now.used, _POOL | {_STATE: "used"}), Observation(now.idle, _POOL | {_STATE: "idle"})]

    def largest(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(state().largest, _POOL)]

    def waiting(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(state().waiting, _POOL)]

    def timeouts(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(state().timeouts, _POOL)]

    names.CONNECTIONS.observe(meter, connections)
    names.CONNECTIONS_MAX.observe(meter, largest)
    names.CONNECTIONS_PENDING.observe(meter, waiting)
    names.CONNECTION_TIMEOUTS.observe(meter, timeouts)
