"""Buckets of tokens, on a clock of the test's own."""

import pytest

from tests.tools.clock import Clock
from todo_gql.asgi.buckets import Buckets, Quota


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    """One token a second, sixty at most."""
    return Buckets(Quota(tokens=60), clock=clock)


def test_a_bucket_is_full_at_first(buckets: Buckets) -> None:
    assert (buckets.left("a"), buckets.wait_s("a"), buckets.until_full_s("a")) == (60, 0, 0)


def test_what_is_taken_comes_back_at_a_steady_rate(buckets: Buckets, clock: Clock) -> None:
    buckets.take("a", 20)
    clock.now += 5

    assert buckets.left("a") == pytest.approx(45)
    assert buckets.until_full_s("a") == 15


def test_a_bucket_never_holds_more_than_it_can(buckets: Buckets, clock: Clock) -> None:
    buckets.take("a", 20)
    clock.now += 3600

    assert buckets.left("a") == 60


def test_each_caller_has_a_bucket(buckets: Buckets) -> None:
    buckets.take("a", 60)

    assert (buckets.wait_s("a"), buckets.wait_s("b")) == (1, 0)


def test_who_owes_waits_until_there_is_a_whole_token(buckets: Buckets, clock: Clock) -> None:
    buckets.take("a", 70)
    assert buckets.left("a") == pytest.approx(-10)
    assert buckets.wait_s("a") == 11

    clock.now += 10.5
    assert buckets.wait_s("a") == 1
    clock.now += 0.5
    assert buckets.wait_s("a") == 0


def test_nobody_owes_more_than_a_bucketful(buckets: Buckets) -> None:
    for _ in range(3):
        buckets.take("a", 10_000)

    assert buckets.left("a") == pytest.approx(-60)
    assert buckets.wait_s("a") == 61


def test_over_any_time_no_more_is_let_through_than_flows_in(buckets: Buckets, clock: Clock) -> None:
    let_in = 0
    for _ in range(10 * 600):
        if not buckets.wait_s("a"):
            buckets.take("a", 7)
            let_in += 7
        clock.now += 0.1

    assert 600 <= let_in <= 60 + 600 + 7


def test_those_whose_buckets_are_full_again_are_forgotten(buckets: Buckets, clock: Clock) -> None:
    for number in range(1000):
        buckets.take(f"a{number}", 1)
    clock.now += 60
    for number in range(600):
        buckets.take(f"b{number}", 60)

    assert len(buckets) == 600


def test_no_more_callers_are_remembered_than_there_is_room_for(clock: Clock) -> None:
    buckets = Buckets(Quota(tokens=60), max_callers=1000, clock=clock)
    for number in range(5000):
        buckets.take(str(number), 30)
        buckets.take("regular", 1)

    assert len(buckets) == 1000
    # Who comes again and again is not driven out by those who come once.
    assert buckets.left("regular") == pytest.approx(-60)
    assert buckets.left("4999") == pytest.approx(30)
