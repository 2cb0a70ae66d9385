"""What can be asked for by REST."""

from collections.abc import Awaitable, Callable, Iterator

import httpx

from tests.owners.askers import KEYED, Alice, Asker
from tests.owners.case import NOT_READ, Case, show

Request = Callable[[Asker, Alice], Awaitable[httpx.Response]]

MINE = {"title": "mine"}


def _case(
    operation: str,
    of_hers: str,
    result: str,
    request: Request,
    *,
    covers: str | None = None,
    is_his_too: bool = False,
    stands_alone: str | None = None,
) -> Case:
    async def act(bob: Asker, alice: Alice) -> str:
        if is_his_too:
            await bob.create("his", id=alice.first)
        answer = await request(bob, alice)
        is_listed = answer.is_success and operation.startswith("GET /todos")
        return f"{answer.status_code} {show(answer.json())}" if is_listed else str(answer.status_code)

    return Case(
        operation=operation,
        of_hers=of_hers,
        covers=frozenset((covers or operation).split(", ")),
        act=act,
        result=result,
        stands_alone=stands_alone,
    )


async def _read_of_his_too(bob: Asker, alice: Alice) -> httpx.Response:
    await bob.create("his", id=alice.second)
    return await bob.rest("GET", f"/todos/{alice.second}")


def all_todos() -> Iterator[Case]:
    """The collection."""
    yield _case("GET /todos", "nothing", "200 [mine]", lambda bob, _: bob.rest("GET", "/todos"))
    yield _case(
        "GET /todos",
        "an ETag",
        "200 [mine]",
        lambda bob, alice: bob.rest("GET", "/todos", If_None_Match=alice.collection_tag),
    )
    yield _case(
        "HEAD /todos", "nothing", "200", lambda bob, _: bob.rest("HEAD", "/todos"), stands_alone="a HEAD tells no rows"
    )
    depending = {"title": "mine", "depends_on": ""}
    yield _case(
        "POST /todos",
        "an id to depend on",
        "422",
        lambda bob, alice: bob.rest("POST", "/todos", {**depending, "depends_on": alice.first}),
    )
    yield _case(
        "POST /todos",
        "an idempotency key, the same request",
        "201",
        lambda bob, alice: bob.rest("POST", "/todos", KEYED, Idempotency_Key=alice.key),
    )
    yield _case(
        "POST /todos",
        "an idempotency key, another request",
        "201",
        lambda bob, alice: bob.rest("POST", "/todos", MINE, Idempotency_Key=alice.key),
    )
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    yield _case(
        "POST /todos/",
        "nothing",
        "308",
        lambda bob, _: bob.rest("POST", "/todos/", MINE),
        covers=", ".join(f"{method} /todos/" for method in methods),
        stands_alone=NOT_READ,
    )
    yield _case(
        "GET /openapi.json",
        "nothing",
        "200",
        lambda bob, _: bob.rest("GET", "/openapi.json"),
        covers="GET /openapi.json, HEAD /openapi.json",
        stands_alone=NOT_READ,
    )


def one_todo() -> Iterator[Case]:
    """A todo by its id."""

    def by_id(method: str, of_hers: str, result: str, request: Request, **others: object) -> Case:
        return _case(f"{method} /todos/{{id}}", of_hers, result, request, **others)  # type: ignore[arg-type]

    for method in ("GET", "HEAD", "DELETE"):
        yield by_id(method, "an id", "404", lambda bob, alice, method=method: bob.rest(method, f"/todos/{alice.first}"))  # type: ignore[misc]
    yield by_id("PATCH", "an id", "404", lambda bob, alice: bob.rest("PATCH", f"/todos/{alice.first}", MINE))
    yield by_id(
        "PATCH",
        "an id and an ETag",
        "404",
        lambda bob, alice: bob.rest("PATCH", f"/todos/{alice.first}", MINE, If_Match=alice.tag),
    )
    yield by_id(
        "PUT",
        "an id",
        "201",
        lambda bob, alice: bob.rest("PUT", f"/todos/{alice.first}", MINE),
    )
    yield by_id(
        "PUT",
        "an id and an ETag",
        "404",
        lambda bob, alice: bob.rest("PUT", f"/todos/{alice.first}", MINE, If_Match=alice.tag),
    )
    his = "an id that is his too"
    # Of two todos with one id either may be found; either way hers has a dependency that his has not.
    yield by_id("GET", his, "200 his", _read_of_his_too)
    yield by_id(
        "PATCH", his, "200", lambda bob, alice: bob.rest("PATCH", f"/todos/{alice.first}", MINE), is_his_too=True
    )
    yield by_id("DELETE", his, "204", lambda bob, alice: bob.rest("DELETE", f"/todos/{alice.first}"), is_his_too=True)
    yield by_id(
        "PATCH",
        "an id to depend on",
        "422",
        lambda bob, alice: bob.rest("PATCH", f"/todos/{alice.first}", {"depends_on": alice.second}),
        is_his_too=True,
    )
