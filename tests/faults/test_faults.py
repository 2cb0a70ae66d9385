"""Each fault of `make faults` that is over at once, once: nothing that was acknowledged is lost or there twice."""

from collections.abc import Iterator

import pytest

from tests.faults import faults
from tests.faults.faults import Fault
from tests.faults.report import Bounds
from tests.faults.scenarios import Scenario, run, run_stops
from tests.tools.postgres import OwnPostgreSQL, running_own_postgresql

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[OwnPostgreSQL]:
    with running_own_postgresql({"synchronous_commit": "on"}) as server:
        yield server


@pytest.fixture
def own_url(own_postgresql: OwnPostgreSQL) -> str:
    return own_postgresql.url_of(own_postgresql.create_database())


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [faults.kill_a_backend, faults.restart, faults.crash], ids=lambda fault: fault.__name__
)
async def test_nothing_fails_and_nothing_is_lost_or_doubled(
    fault: Fault, own_postgresql: OwnPostgreSQL, own_url: str
) -> None:
    scenario = Scenario(name="once", fault=fault, times=1, bounds=Bounds())

    result = await run(scenario, own_postgresql, own_url)

    assert list(result.complaints()) == []


@pytest.mark.slow
async def test_a_service_that_is_stopped_loses_nothing(own_url: str) -> None:
    result = await run_stops("once", 1, own_url)

    assert list(result.complaints()) == []
