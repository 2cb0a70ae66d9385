"""Cuts through the change log, and the tokens that carry them."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo_gql.todos.model import TodoId
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.sync import At, Between, Copying, Cut, Place, read_token, write_token


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    oldest = draw(st.integers(1, 50))
    following = draw(st.integers(oldest, oldest + 20))
    running = draw(st.sets(st.integers(oldest, following - 1))) if following > oldest else set()
    return Cut(oldest, following, tuple(sorted(running)))


ids = st.uuids().map(TodoId)
places = st.one_of(
    st.builds(At, cuts()),
    st.builds(Between, cuts(), cuts(), st.integers(0, 10**17)),
    st.builds(Copying, cuts(), ids),
)


def token_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(places)
def test_a_token_leads_back_to_its_place(place: Place) -> None:
    assert read_token(write_token(place)) == place


@given(cuts())
def test_a_cut_has_what_had_ended(cut: Cut) -> None:
    for number in range(1, 80):
        assert cut.has(number) == (number < cut.next and number not in cut.running)


@given(cuts(), st.integers(1, 80))
def test_a_cut_with_one_more_transaction_differs_in_that_one_alone(cut: Cut, added: int) -> None:
    larger = cut.including(added)

    assert [number for number in range(1, 90) if larger.has(number)] == [
        number for number in range(1, 90) if cut.has(number) or number == added
    ]
    assert Cut.parse(str(larger)) == larger


def test_between_two_cuts_the_position_tells_what_was_seen() -> None:
    place = Between(Cut(10, 12, (10,)), Cut(12, 14), position=7)

    seen = [place.has_seen(*change) for change in ((11, 9), (10, 7), (10, 8), (13, 6), (14, 1))]

    assert seen == [True, True, False, True, False]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "5",
        "ä",
        "=",
        "a" * 40_000,
        token_of("at"),
        token_of("at;"),
        token_of("at;1:2"),
        token_of("at;0:2:"),
        token_of("at;3:2:"),
        token_of("at;1:9:5,5"),
        token_of("at;1:9:9"),
        token_of("at;4:9:3"),
        token_of("at;1:9999999999999999999:"),
        token_of("at;١:٢:"),
        token_of("between;1:2:;1:3:;-1"),
        token_of("between;1:2:;1:3:;1000000000000000000"),
        token_of("copying;1:2:;" + UUID(int=1).hex.upper() + "A"),
        token_of("elsewhere;1:2:"),
        token_of("at;1:2:;3"),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadArgument, match=r"^The sync token is not one that this service gave"):
        read_token(token)
