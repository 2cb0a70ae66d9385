"""Requests that are made to hurt: each asks for much work in few bytes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DEEP: Final = 900


@dataclass(frozen=True)
class HostileRequest:
    """What is sent, and the code of the first error that it is answered with; None if it is simply answered."""

    name: str
    query: str
    code: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)

    def body(self, comment: str = "") -> bytes:
        """Write it as JSON, with a comment before the document."""
        return json.dumps({"query": comment + self.query, "variables": self.variables}).encode()


def repeat(text: str, times: int) -> str:
    return " ".join(text.replace("#", str(number)) for number in range(times))


def bomb(doublings: int) -> str:
    """Fragments each of which spreads the next one twice."""
    doubling = (f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(doublings))
    return f"{{ ...F0 }} {' '.join(doubling)} fragment F{doublings} on Query {{ __typename }}"


def cycle(length: int) -> str:
    around = (f"fragment F{n} on Query {{ ...F{(n + 1) % length} }}" for n in range(length))
    return f"{{ ...F0 }} {' '.join(around)}"


def everyone_spreads_everyone(fragments: int) -> str:
    names = range(fragments)
    bodies = (
        f"fragment F{n} on Query {{ __typename {' '.join(f'...F{other}' for other in names if other != n)} }}"
        for n in names
    )
    return f"{{ ...F0 }} {' '.join(bodies)}"


def nested(field_name: str, depth: int, innermost: str = "id") -> str:
    return f"{field_name} {{ " * depth + innermost + " }" * depth


def introspected(depth: int) -> str:
    return f"{{ __schema {{ types {{ {nested('fields { type', depth, 'name')} {'}' * depth} }} }} }}"


def deep_value(depth: int) -> Any:
    value: Any = "OPEN"
    for _ in range(depth):
        value = [value]
    return value


def hostile_requests() -> Iterator[HostileRequest]:
    """Yield them; the codes are those of the default limits."""
    parse, invalid, costly, bad_input = (
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "DOCUMENT_TOO_COSTLY",
        "BAD_USER_INPUT",
    )
    page = "{ totalCount }"
    filtered = "query ($filter: TodoFilter) { todos(filter: $filter) { totalCount } }"

    yield HostileRequest("fragment bomb of 70 doublings", bomb(70), costly)
    yield HostileRequest("fragment bomb of 7 doublings", bomb(7), None)
    yield HostileRequest("a fragment that spreads itself", cycle(1), invalid)
    yield HostileRequest("a ring of 200 fragments", cycle(200), invalid)
    yield HostileRequest("40 fragments that all spread each other", everyone_spreads_everyone(40), costly)
    yield HostileRequest("5 fragments that all spread each other", everyone_spreads_everyone(5), invalid)
    yield HostileRequest(
        "a chain of 270 fragments",
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(270))
        + " fragment F270 on Query { __typename }",
        costly,
    )
    yield HostileRequest("1,000 aliases", f"{{ {repeat('a#: __typename', 1000)} }}", costly)
    yield HostileRequest("31 aliases", f"{{ {repeat('a#: __typename', 31)} }}", costly)
    yield HostileRequest("30 aliased pages", f"{{ {repeat('a#: todos ' + page, 30)} }}", None)
    yield HostileRequest("100,000 tokens", f"{{ {'a ' * 100_000} }}", costly)
    yield HostileRequest("2,000 equal fields", f"{{ {'__typename ' * 1990} }}", costly)
    yield HostileRequest("60 equal pages", f"{{ {repeat('todos ' + page, 60)} }}", None)
    yield HostileRequest("fields 16 deep", f"{{ todos {{ nodes {{ {nested('dependencies', 14)} }} }} }}", costly)
    yield HostileRequest("fields 900 deep", f"{{ {nested('a', DEEP)} }}", parse)
    yield HostileRequest(
        "dependencies of dependencies", f"{{ todos {{ nodes {{ {nested('dependencies', 6)} }} }} }}", costly
    )
    yield HostileRequest("inline fragments 900 deep", "{ " + "... { " * DEEP + "__typename" + " }" * (DEEP + 1), parse)
    yield HostileRequest("a list 900 deep", f"{{ nodes(ids: {'[' * DEEP}{']' * DEEP}) {{ id }} }}", parse)
    yield HostileRequest("an object 600 deep", f"{{ todos(filter: {'{a: ' * 600}1{'}' * 600}) {page} }}", parse)
    yield HostileRequest("a type 900 deep", f"query ($v: {'[' * DEEP}Int{']' * DEEP}) {{ __typename }}", parse)
    yield HostileRequest("a variable 90 deep", filtered, bad_input, {"filter": {"status": deep_value(90)}})
    yield HostileRequest("a variable 5,000 wide", filtered, None, {"filter": {"status": ["OPEN"] * 5000}})
    yield HostileRequest(
        "an object with 5,000 unknown members", filtered, bad_input, {"filter": {f"m{n}": n for n in range(5000)}}
    )
    yield HostileRequest(
        "5,000 variables that nobody asked for", "{ __typename }", None, {f"v{n}": n for n in range(5000)}
    )
    yield HostileRequest(
        "5,000 ids",
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        bad_input,
        {"ids": [str(n) for n in range(5000)]},
    )
    bulk = "todoBulk(operations: $operations) { __typename }"
    yield HostileRequest(
        "30 bulks of the same 30,000 creations",
        f"mutation ($operations: [TodoOperation!]!) {{ {repeat('a#: ' + bulk, 30)} }}",
        costly,
        {"operations": [{"create": {"title": "x"}}] * 30_000},
    )
    yield HostileRequest(
        "130 creations with the same 50 dependencies",
        "mutation ($ids: [ID!]!) { todoBulk(operations: ["
        + '{create: {title: "", dependencies: $ids}} ' * 130
        + "]) { __typename } }",
        None,
        {"ids": ["x"] * 50},
    )
    yield HostileRequest("a page of 10 ** 4000", f"{{ todos(first: 1{'0' * 4000}) {page} }}", invalid)
    yield HostileRequest(
        "a page of 10 ** 300, as a variable",
        "query ($n: Int) { todos(first: $n) { totalCount } }",
        bad_input,
        {"n": 10**300},
    )
    yield HostileRequest("a million digits", f"{{ todos(first: {'9' * 1_000_000}) {page} }}", invalid)
    yield HostileRequest("250 directives", f"{{ __typename {'@skip(if: true) ' * 250} }}", costly)
    yield HostileRequest("20 directives on one field", f"{{ __typename {'@skip(if: true) ' * 20} }}", invalid)
    yield HostileRequest("introspection 16 deep", introspected(7), invalid)
    yield HostileRequest("introspection 600 wide", f"{{ __schema {{ types {{ {'name ' * 600} }} }} }}", costly)
    yield HostileRequest("400 operations", repeat("query Q# { __typename }", 390), costly)
    yield HostileRequest("470 variables", f"query ({repeat('$v#: Int', 470)}) {{ __typename }}", invalid)
    yield HostileRequest("600 arguments", f"{{ todos({'first: 1 ' * 600}) {page} }}", invalid)
    yield HostileRequest("1,900 statuses", f"{{ todos(filter: {{status: [{'OPEN ' * 1900}]}}) {page} }}", None)
    yield HostileRequest("a comment of 1,000,000 characters", f"#{'x' * 1_000_000}\n{{ __typename }}", None)
    yield HostileRequest("1,000,000 commas", f"{',' * 1_000_000}{{ __typename }}", None)
    yield HostileRequest("an id of 1,000,000 characters", f'{{ todo(id: "{"x" * 1_000_000}") {{ id }} }}', None)
    yield HostileRequest(
        "a block string of 300,000 lines",
        f'{{ todo(id: """{"x" + chr(10)}{("y" + chr(10)) * 300_000}""") {{ id }} }}',
        None,
    )
    yield HostileRequest("a name of 1,000,000 letters", f"{{ {'x' * 1_000_000} }}", invalid)
    yield HostileRequest("a search of 1,000,000 characters", filtered, None, {"filter": {"search": "ab" * 500_000}})
