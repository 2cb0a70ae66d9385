import { graphql } from "react-relay";

graphql`
  query TodoListQuery($filter: TodoFilter, $orderBy: TodoOrder!) {
    ...TodoList_query @arguments(filter: $filter, orderBy: $orderBy)
  }
`;

graphql`
  fragment TodoList_query on Query
  @refetchable(queryName: "TodoListPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    filter: { type: "TodoFilter" }
    orderBy: { type: "TodoOrder!" }
  ) {
    todos(first: $first, after: $after, filter: $filter, orderBy: $orderBy) @connection(key: "TodoList_todos") {
      totalCount
      edges {
        node {
          ...TodoItem_todo
        }
      }
    }
  }
`;
