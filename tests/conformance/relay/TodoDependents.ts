import { graphql } from "react-relay";

// Pages in both directions, and is fetched again through Query.node.
graphql`
  fragment TodoDependents_todo on Todo
  @refetchable(queryName: "TodoDependentsPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    dependents(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "TodoDependents_dependents") {
      edges {
        node {
          ...TodoItem_todo
        }
      }
    }
  }
`;
