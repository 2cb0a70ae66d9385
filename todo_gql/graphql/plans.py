"""How operations are answered without resolvers, or without what calls them."""

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

from todo_gql.graphql.mutation_plans import MutationPlan, make_mutation_plan
from todo_gql.graphql.query_plans import QueryPlan, make_query_plan

type Plan = QueryPlan | MutationPlan


def make_plan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Plan | None:
    """Make the plan of a valid operation without `@skip` and `@include`; None where only graphql-core can answer."""
    match operation.operation:
        case OperationType.QUERY:
            return make_query_plan(schema, document, operation)
        case OperationType.MUTATION:
            return make_mutation_plan(schema, document, operation)
        case _:
            return None
