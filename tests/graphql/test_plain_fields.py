"""Plain fields are completed at once, and answered exactly as graphql-core alone answers them."""

import enum
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, execute_sync, parse

from todo_gql.graphql.plain_fields import PlainFieldsExecutor


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Wheel(Named):
    size: int
    colour: Colour | None = None


@strawberry.type
class Car(Named):
    wheels: list[Wheel]
    spare: Wheel | None = None
    tags: list[str | None] | None = None
    price: float | None = None

    @strawberry.field
    def full_name(self) -> str:
        return f"{self.name} the car"


@dataclass
class NotAWheel:
    name: str = "round"
    size: int = 1
    colour: None = None


WHEEL = Wheel(name="front", size=17, colour=Colour.RED)
CARS: dict[str, Any] = {
    "whole": Car(name="Ada", wheels=[WHEEL, WHEEL], spare=WHEEL, tags=["old", None], price=1.5),
    "empty": Car(name="", wheels=[]),
    "null where none may be": Car(name=None, wheels=[WHEEL]),  # type: ignore[arg-type]
    "null in a list": Car(name="Ada", wheels=[WHEEL, None]),  # type: ignore[list-item]
    "a number too large": Car(name="Ada", wheels=[WHEEL, Wheel(name="back", size=2**40)]),
    "an unknown member": Car(name="Ada", wheels=[Wheel(name="back", size=1, colour="green")]),  # type: ignore[arg-type]
    "another type": Car(name="Ada", wheels=[NotAWheel()], spare=NotAWheel()),  # type: ignore[list-item, arg-type]
    "no list": Car(name="Ada", wheels=5),  # type: ignore[arg-type]
    "a tuple": Car(name="Ada", wheels=(WHEEL,)),  # type: ignore[arg-type]
    "an exception": Car(name=ValueError("broken"), wheels=[WHEEL]),  # type: ignore[arg-type]
    "not finite": Car(name="Ada", wheels=[], price=float("nan")),
}


@strawberry.type
class Query:
    @strawberry.field
    def cars(self, info: strawberry.Info) -> list[Car | None] | None:
        return [info.context, info.context]

    @strawberry.field
    def named(self, info: strawberry.Info) -> list[Named]:
        return [info.context, WHEEL]

    @strawberry.field
    def car(self, info: strawberry.Info) -> Car | None:
        found: Car = info.context
        return found


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return strawberry.Schema(query=Query, types=[Wheel, Car])._schema  # noqa: SLF001  # As in todo_gql.graphql.schema.


DOCUMENTS = {
    "plain": "{ cars { name spare { name size colour } wheels { size } tags price } }",
    "with a resolver": "{ cars { name fullName spare { size } wheels { name } } }",
    "aliases, fragments and type names": """
        { car { ...C other: name wheels { __typename ... on Named { label: name } ...W } } }
        fragment C on Car { __typename name spare { ...W } }
        fragment W on Wheel { size size colour }
    """,
    "skipped and included": "{ cars { name @skip(if: true) price @include(if: false) tags spare { name } } }",
    "an interface": "{ named { __typename name ... on Car { price tags } ... on Wheel { colour } } }",
    "merged selections": "{ car { spare { name } spare { size } wheels { name } wheels { colour } } }",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("car", CARS.values(), ids=CARS)
def test_the_answer_is_that_of_graphql_core(schema: GraphQLSchema, document: str, car: Car) -> None:
    alone = execute_sync(schema, parse(document), context_value=car)

    answered = execute_sync(schema, parse(document), context_value=car, executor_class=PlainFieldsExecutor)

    assert repr(answered.data) == repr(alone.data)
    assert [error.formatted for error in answered.errors or ()] == [error.formatted for error in alone.errors or ()]


def test_a_plain_list_takes_no_step_for_each_of_its_fields(schema: GraphQLSchema) -> None:
    executed: list[str] = []

    class Counting(PlainFieldsExecutor):
        def execute_field(self, *args: Any, **kwargs: Any) -> Any:
            executed.append(args[2][0].node.name.value)
            return super().execute_field(*args, **kwargs)

    execute_sync(schema, parse(DOCUMENTS["plain"]), context_value=CARS["whole"], executor_class=Counting)

    assert executed == ["cars"]
