"""Whatever is sent, a parser reads it or refuses it in its own words; and what is written is read back as it was."""

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from tests.graphql.client import GraphQLClient
from todo_gql.asgi.hosts import name_of
from todo_gql.asgi.json_body import MAX_NESTING, MalformedJSON, parse_json
from todo_gql.asgi.rates import address_of
from todo_gql.graphql.media import (
    JSON,
    RESPONSE_JSON,
    choose_response_type,
    is_json_request,
    prefers_event_stream,
    prefers_html,
)
from todo_gql.rest import idempotency, preconditions
from todo_gql.rest.idempotency import read_key
from todo_gql.rest.parsing import READ_ONLY_MEMBERS, WRITABLE_MEMBERS, parse_todo
from todo_gql.rest.preconditions import EntityTags
from todo_gql.rest.problems import Refused
from todo_gql.todos.archive.parsing import BadLine, read_line
from todo_gql.todos.model import TodoPriority, TodoStatus
from todo_gql.todos.times import INSTANT_RULE, format_instant, parse_date, parse_instant, parse_time_zone

# What a header can hold on its way here: latin-1 without control characters.
FIELD_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)


def values_of(*pieces: str) -> st.SearchStrategy[str]:
    """Make header values out of pieces that mean something, and any others."""
    return FIELD_VALUES | st.lists(st.sampled_from(pieces), max_size=10).map("".join)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
ACCEPT = values_of(
    JSON, RESPONSE_JSON, "text/event-stream", "text/html", "*/*", "application/*", ";q=", "0.5", "1", ",", " "
)
ETAGS = values_of('"1"', 'W/"2"', '""', "*", ",", " ", "\t", "W/", '"', "é")
KEYS = values_of('"', "a", " ", "\\", '\\"', "\\\\", "é", "x" * 253)


@given(ACCEPT)
def test_any_accept_header_chooses_an_answer_or_none(value: str) -> None:
    chosen = choose_response_type(value)

    assert chosen in {JSON, RESPONSE_JSON, None}
    # Who would rather have something else has named it.
    assert not prefers_html(value) or "/" in value
    assert not prefers_event_stream(value) or "text/event-stream" in value


@given(values_of(JSON, "; charset=", "utf-8", '"', "=", "*0", ";", "text/plain", "%", "'"))
def test_no_content_type_is_json_but_json(value: str) -> None:
    if is_json_request(value):
        assert re.match(r"\s*application/json\s*(;|$)", value, re.IGNORECASE)


@given(ETAGS)
@example('W/"a", ,"b",')
@example(",")
def test_what_the_description_says_of_entity_tags_is_what_is_read(value: str) -> None:
    sent = value.strip(" \t")
    is_described = re.search(preconditions.SCHEMA["pattern"], sent) is not None
    try:
        tags = EntityTags.parse("if-match", Headers({"if-match": sent}))
    except Refused:
        assert not is_described
    else:
        assert is_described
        assert tags is not None
        assert tags.is_any or tags.strong | tags.weak


@given(KEYS)
def test_what_the_description_says_of_idempotency_keys_is_what_is_read(value: str) -> None:
    sent = value.strip()
    schema: dict[str, Any] = idempotency.SCHEMA
    is_described = re.search(schema["pattern"], sent) is not None and len(sent) <= schema["maxLength"]
    try:
        key = read_key(Headers({"idempotency-key": sent}))
    except Refused:
        assert not is_described
    else:
        assert is_described
        assert key == sent[1:-1]


@given(st.binary(max_size=60) | JSON_VALUES.map(json.dumps).map(str.encode) | st.text(max_size=60).map(str.encode))
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 5000)
@example(b"9" * 5000)
def test_any_body_is_json_or_refused(body: bytes) -> None:
    try:
        value = parse_json(body)
    except MalformedJSON:
        return
    assert parse_json(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize(("depth", "is_read"), [(MAX_NESTING, True), (MAX_NESTING + 1, False)])
def test_json_is_read_down_to_a_depth(depth: int, is_read: bool) -> None:
    try:
        parse_json(b"[" * depth + b"]" * depth)
    except MalformedJSON:
        assert not is_read
    else:
        assert is_read


MEMBERS = (*WRITABLE_MEMBERS, *READ_ONLY_MEMBERS)
MEMBER_VALUES = (
    JSON_VALUES
    | st.uuids().map(str)
    | st.sampled_from([*TodoStatus, *TodoPriority, "2026-11-23", "2026-11-23T08:00:00Z", "Europe/Berlin"])
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("date", "at", "time_zone", "x"), JSON_VALUES))
    | st.lists(st.uuids().map(str), max_size=3)
)


@given(st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=5), MEMBER_VALUES, max_size=8))
def test_any_todo_is_read_or_refused_member_by_member(value: dict[str, object]) -> None:
    errors = None
    try:
        # As it would arrive: what JSON cannot say is no body.
        parse_todo(parse_json(json.dumps(value)), known=MEMBERS).draft()
    except MalformedJSON:
        return
    except Refused as refused:
        errors = refused.errors
    assert errors is None or errors
    assert set(errors or ()) <= {*value, "title"}
    assert errors or isinstance(value["title"], str)


@given(JSON_VALUES | st.text(st.sampled_from("0123456789-:.TtZz+ ٣"), max_size=32))
@example("9999-12-31T23:59:59-23:59")
@example("0001-01-01T00:00:00+23:59")
@example("2026-02-29T00:00:00Z")
@example("2026-06-30T23:59:60Z")
def test_any_instant_is_read_or_refused(value: object) -> None:
    refusal = INSTANT_RULE
    try:
        instant = parse_instant(value)
        assert parse_instant(format_instant(instant)) == instant
    except ValueError as error:
        refusal = str(error)
    assert refusal == INSTANT_RULE


# Two days from either end of the calendar, whatever the offset that is written behind.
LOCAL_TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001


@given(LOCAL_TIMES, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_an_instant_is_read_as_it_was_written(local: datetime, offset_minutes: int) -> None:
    sign, minutes = "-" if offset_minutes < 0 else "+", abs(offset_minutes)
    text = f"{local.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"

    assert parse_instant(text) == local.replace(tzinfo=UTC) - timedelta(minutes=offset_minutes)


@given(st.dates())
def test_a_date_is_read_as_it_was_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@given(JSON_VALUES)
@example("../../etc/passwd")
@example("Europe/Berlin\0")
@example("europe/berlin")
def test_no_time_zone_is_looked_for_beyond_those_that_are_known(value: object) -> None:
    with pytest.raises(ValueError, match="A TimeZone is "):
        parse_time_zone(value)


@given(
    st.binary(max_size=60)
    | JSON_VALUES.map(json.dumps).map(str.encode)
    | st.builds(
        lambda kind, members: json.dumps({kind: members}).encode(),
        st.sampled_from(["export", "todo", "dependencies"]),
        st.dictionaries(st.sampled_from([*MEMBERS, "owner", "trashed_at", "input_hash"]), MEMBER_VALUES) | JSON_VALUES,
    )
)
@example(b'{"export": {"version": 1, "todos": 1e999, "dependencies": 0}}')
def test_any_line_of_an_archive_is_read_or_refused_in_a_sentence(text: bytes) -> None:
    sentence = "Read."
    try:
        read_line(text)
    except BadLine as error:
        sentence = str(error)
    assert sentence.endswith(".")


@given(values_of("[", "]", ":", "@", "#", "/", "todo.example.com", "8082", "::1"))
def test_any_host_is_a_name_or_none(value: str) -> None:
    name = name_of([value])

    assert name is None or name == name.lower()


@given(values_of("203.0.113.1", "2001:db8::", ":", "%eth0", "[", "]", "::ffff:", "256"))
def test_any_address_is_a_caller(value: str) -> None:
    caller = address_of({"client": (value, 0)})

    assert len(caller) <= len("xxxx:xxxx:xxxx:xxxx:xxxx:xxxx:xxxx:xxxx")


INSTANTS = LOCAL_TIMES.map(lambda at: f"{at.isoformat()}Z")
DATES = st.dates().map(date.isoformat)


def maybe(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in members.items()})


FILTERS = maybe(
    search=st.text(st.characters(), max_size=6) | st.sampled_from(["%", "_", "\\", "'", "Straße", "İ", "\0"]),
    status=st.lists(st.sampled_from(list(TodoStatus)), max_size=3),
    priority=st.lists(st.sampled_from(list(TodoPriority)), max_size=3),
    isBlocked=st.booleans(),
    isOverdue=st.booleans(),
    due=st.fixed_dictionaries({}, optional={"from": st.none() | DATES, "before": st.none() | DATES}),
    updated=st.fixed_dictionaries({}, optional={"from": st.none() | INSTANTS, "before": st.none() | INSTANTS}),
)
CURSORS = st.text(max_size=20) | st.lists(
    st.sampled_from(["CREATED_AT", "UPDATED_AT", "DUE", "PRIORITY", "TITLE"])
    | st.integers(-1, 6)
    | INSTANTS
    | st.uuids().map(str)
    | JSON_VALUES,
    max_size=5,
).map(lambda parts: base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("="))
CUTS = st.lists(st.integers(-1, 2**64), min_size=2, max_size=4).map(
    lambda numbers: f"{numbers[0]}:{numbers[1]}:{','.join(map(str, numbers[2:]))}"
)
TOKENS = st.text(max_size=20) | st.lists(
    st.sampled_from(["at", "between", "copying", "0" * 32]) | CUTS | st.integers(0, 2**64).map(str), max_size=4
).map(lambda parts: base64.urlsafe_b64encode(";".join(parts).encode()).decode().rstrip("="))
VARIABLES = maybe(
    filter=FILTERS,
    first=st.integers(-1, 101),
    after=CURSORS,
    last=st.integers(-1, 101),
    before=CURSORS,
    field=st.sampled_from(["CREATED_AT", "UPDATED_AT", "DUE", "PRIORITY", "TITLE"]),
    since=TOKENS,
)
PAGE = """
query (
  $filter: TodoFilter, $first: Int, $after: String, $last: Int, $before: String, $field: TodoOrderField = CREATED_AT
  $since: SyncToken
) {
  todos(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: {field: $field}) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
  changes(since: $since) { todos { id } hasMore }
}
"""


# One service answers all examples: none of them writes.
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(variables=VARIABLES)
@example(variables={"filter": {"search": "\ud800"}})
async def test_any_filter_cursor_and_token_is_used_or_refused(client: GraphQLClient, variables: dict[str, Any]) -> None:
    answer = await client.send(PAGE, **variables)

    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert codes <= {"BAD_USER_INPUT"}, answer
    assert codes or all(answer["data"].values())
