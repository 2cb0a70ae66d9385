"""Values that clients send are read as graphql-core and Strawberry read them, or left to them."""

import datetime as dt
import enum
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, OperationDefinitionNode, execute_sync, parse, validate
from strawberry import ID, UNSET

from todo_gql.graphql.input_readers import VariableReader, arguments_reader
from todo_gql.graphql.outcomes import Irregular


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input
class Paint:
    colour: Colour = Colour.RED
    layer_count: int | None = UNSET
    made_on: dt.date | None = UNSET


@strawberry.input(one_of=True)
class Part:
    wheel: int | None = UNSET
    door: str | None = UNSET


@strawberry.input
class Car:
    name: str
    id: ID | None = UNSET
    paints: list[Paint] = strawberry.field(default_factory=list)
    part: Part | None = UNSET
    from_: str | None = strawberry.field(name="from", default=UNSET)
    note: str | None


SEEN: list[dict[str, Any]] = []


@strawberry.type
class Query:
    @strawberry.field
    def build(
        self,
        car: Car | None = UNSET,
        id: ID | None = UNSET,
        how_many: int = 1,
        colours: list[Colour] | None = UNSET,
        price: float | None = None,
        paint: Paint = Paint(colour=Colour.BLUE),  # noqa: B008  # As in todo_gql.graphql.query.
    ) -> bool:
        SEEN.append({"car": car, "id": id, "how_many": how_many, "colours": colours, "price": price, "paint": paint})
        return True


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return strawberry.Schema(query=Query)._schema  # noqa: SLF001  # As in todo_gql.graphql.schema.


def in_resolver(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    SEEN.clear()
    execute_sync(schema, parse(document), variable_values=variables)
    return SEEN.copy()


def read(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    node = parse(document)
    assert not validate(schema, node)
    operation = node.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type
    field: Any = operation.selection_set.selections[0]
    read_arguments = arguments_reader(schema.query_type.fields["build"], field)
    try:
        arguments = read_arguments(VariableReader(schema, operation.variable_definitions or ()).read(variables))
    except Irregular:
        return []
    return [{"car": UNSET, "id": UNSET, "colours": UNSET, **arguments}]


DOCUMENTS = {
    "nothing": "{ build }",
    "literals": '{ build(car: {name: "Ada", paints: [{colour: BLUE}, {}], part: {wheel: 4}}, id: 7, price: 3) }',
    "one item for a list": '{ build(car: {name: "Ada", paints: {layerCount: 2}}, colours: RED) }',
    "nulls": '{ build(car: {name: "Ada", id: null, part: null}, id: null, colours: null, price: null) }',
    "zero with a sign": '{ build(id: -0, car: {name: "Ada", id: -0}) }',
    "another name": '{ build(car: {name: "Ada", from: "afar"}) }',
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_a_document_holds_is_read_as_for_a_resolver(schema: GraphQLSchema, document: str) -> None:
    answer = read(schema, document, {})

    assert answer == in_resolver(schema, document, {})
    assert len(answer) == 1


WITH_VARIABLES = {
    "car": "query ($v: Car) { build(car: $v) }",
    "car needed": "query ($v: Car!) { build(car: $v) }",
    "car by default": 'query ($v: Car = {name: "Ada", paints: {madeOn: "2026-11-23"}}) { build(car: $v) }',
    "id": "query ($v: ID) { build(id: $v) }",
    "id by default": "query ($v: ID = -0) { build(id: $v) }",
    "number": "query ($v: Int!) { build(howMany: $v) }",
    "number by default": "query ($v: Int = 3) { build(howMany: $v) }",
    "price": "query ($v: Float) { build(price: $v) }",
    "colours": "query ($v: [Colour!]) { build(colours: $v) }",
    "paint by default": "query ($v: Paint = {}) { build(paint: $v) }",
    "a list in an object": 'query ($v: [Paint!]) { build(car: {name: "Ada", paints: $v}) }',
    "a member": "query ($v: Int) { build(paint: {colour: RED, layerCount: $v}) }",
    "a needed member": 'query ($v: String! = "Ada") { build(car: {name: $v, part: {door: "left"}}) }',
    "an item": "query ($v: Colour = RED) { build(colours: [BLUE, $v]) }",
    "one of": 'query ($v: Int!) { build(car: {name: "Ada", part: {wheel: $v}}) }',
}
VALUES: dict[str, dict[str, Any]] = {
    "absent": {},
    "null": {"v": None},
    "number": {"v": 2},
    "large number": {"v": 2**31},
    "whole float": {"v": 2.0},
    "fraction": {"v": 2.5},
    "truth": {"v": True},
    "text": {"v": "Ada"},
    "name of a colour": {"v": "BLUE"},
    "list": {"v": ["RED", "BLUE"]},
    "list with null": {"v": ["RED", None]},
    "car": {"v": {"name": "Ada", "paints": [{"layerCount": 2}, {"madeOn": "2026-11-23"}], "part": {"door": "left"}}},
    "car with one paint": {"v": {"name": "Ada", "paints": {"colour": "BLUE", "layerCount": None}}},
    "car without its name": {"v": {"id": 5}},
    "car of null": {"v": {"name": None}},
    "car of another kind": {"v": {"name": "Ada", "wings": 2}},
    "car with two parts": {"v": {"name": "Ada", "part": {"door": "left", "wheel": 1}}},
    "car without a part": {"v": {"name": "Ada", "part": {}}},
    "car with a part of null": {"v": {"name": "Ada", "part": {"door": None}}},
    "car painted on no day": {"v": {"name": "Ada", "paints": [{"madeOn": "2026-02-30"}]}},
    "car as a list": {"v": [{"name": "Ada"}]},
    "paint": {"v": {"colour": "BLUE", "layerCount": 3}},
    "paint without colour": {"v": {"colour": None}},
    "paint of no colour": {"v": {"colour": "GREEN"}},
}


@pytest.mark.parametrize("variables", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("document", WITH_VARIABLES.values(), ids=WITH_VARIABLES)
def test_variables_are_read_as_for_a_resolver(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> None:
    assert read(schema, document, variables) == in_resolver(schema, document, variables)[:1]
