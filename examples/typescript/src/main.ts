// Plans a loaf of bread.
import { Client } from "./client.js";
import { graphql } from "./gql/gql.js";
import type { CreateMutation, PageQuery } from "./gql/graphql.js";

const Create = graphql(`
  mutation Create($input: TodoCreateInput!) {
    todoCreate(input: $input) {
      __typename
      ... on TodoCreated {
        todo {
          id
          title
          isBlocked
        }
      }
      ... on ValidationProblem {
        violations {
          path
          message
        }
      }
      ... on IdConflictProblem {
        existing {
          title
        }
      }
      ... on BlockedProblem {
        blockedBy {
          title
        }
      }
      ... on LimitProblem {
        limit
        actual
      }
      ... on ForbiddenProblem {
        requiredScope
      }
    }
  }
`);

const Page = graphql(`
  query Page($after: String) {
    todos(first: 2, after: $after) {
      nodes {
        title
        isBlocked
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

type CreateResult = NonNullable<CreateMutation["todoCreate"]>;

/** Says what came of a creation. A member of the union that is missing here does not compile. */
function describe(result: CreateResult): string {
  switch (result.__typename) {
    case "TodoCreated":
      return `created: ${result.todo.title}${result.todo.isBlocked ? ", which has to wait" : ""}`;
    case "ValidationProblem":
      return `refused: ${result.violations.map(({ path, message }) => `${path.join(".")}: ${message}`).join(" ")}`;
    case "IdConflictProblem":
      return `refused: the id is that of ${result.existing?.title ?? "a todo in the trash"}`;
    case "BlockedProblem":
      return `refused: ${result.blockedBy.map(({ title }) => title).join(", ")} must be done first`;
    case "LimitProblem":
      return `refused: ${result.actual} are more than ${result.limit}`;
    case "ForbiddenProblem":
      return `refused: the scope ${result.requiredScope} is needed`;
    default:
      return result satisfies never;
  }
}

const client = new Client(process.argv[2] ?? "http://127.0.0.1:8082");

async function create(title: string, dependencies: string[] = []): Promise<string[]> {
  const { todoCreate } = await client.send(Create, { input: { title, dependencies } });
  if (!todoCreate) {
    return [];
  }
  console.log(describe(todoCreate));
  return todoCreate.__typename === "TodoCreated" ? [todoCreate.todo.id] : [];
}

const flour = await create("Buy flour");
const dough = await create("Knead the dough", flour);
await create("Bake the bread", dough);
await create(" ");

let after: string | null = null;
do {
  // Declared, because its type hangs on `after`, whose next value hangs on it.
  const { todos }: PageQuery = await client.send(Page, { after });
  console.log(`page: ${todos?.nodes.map(({ title }) => title).join(", ")}`);
  after = todos?.pageInfo.hasNextPage ? todos.pageInfo.endCursor : null;
} while (after);
