import { graphql } from "react-relay";

graphql`
  fragment TodoItem_todo on Todo {
    title
    status
    version
    due {
      date
    }
  }
`;
