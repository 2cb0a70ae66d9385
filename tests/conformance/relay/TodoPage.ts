import { graphql } from "react-relay";

graphql`
  query TodoPageQuery($id: ID!, $others: [ID!]!) {
    node(id: $id) {
      ...TodoItem_todo @alias(as: "item")
      ...TodoDependents_todo @alias(as: "dependents")
    }
    nodes(ids: $others) {
      ...TodoItem_todo @alias(as: "item")
    }
  }
`;
