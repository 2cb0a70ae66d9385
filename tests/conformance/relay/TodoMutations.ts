import { graphql } from "react-relay";

graphql`
  mutation TodoMutationsCreateMutation($input: TodoCreateInput!, $connections: [ID!]!) {
    todoCreate(input: $input) {
      __typename
      ... on TodoCreated {
        todo @prependNode(connections: $connections, edgeTypeName: "TodoEdge") {
          ...TodoItem_todo
        }
      }
      ... on Problem {
        message
      }
    }
  }
`;

graphql`
  mutation TodoMutationsDeleteMutation($id: ID!, $connections: [ID!]!) {
    todoDelete(id: $id) {
      __typename
      ... on TodoDeleted {
        id @deleteEdge(connections: $connections)
      }
      ... on Problem {
        message
      }
    }
  }
`;
