// Mercurius with JIT and its own loaders, which batch by request.
import fastify from "fastify";
import mercurius from "mercurius";
import { dependencies, dependents, port, todo, todoCreate, todos, typeDefs } from "./todos.js";

// Once compiled, it misses required members of inputs that have a default; without the mark they are the same.
const schema = typeDefs.replaceAll("! = ", " = ");

const app = fastify();
app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: {
    Query: { todos: (_, values) => todos(values), todo: (_, values) => todo(values) },
    Mutation: { todoCreate: (_, values) => todoCreate(values) },
    TodoCreateResult: { resolveType: ({ __typename }) => __typename },
  },
  loaders: {
    Todo: {
      dependencies: (queries) => dependencies(queries.map(({ obj }) => obj.id)),
      // All queries of one operation here ask for as many.
      dependents: (queries) => dependents(queries.map(({ obj }) => obj.id), queries[0].params.first ?? 50),
    },
  },
});
await app.listen({ host: "127.0.0.1", port });
