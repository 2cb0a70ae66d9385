// Resolvers and DataLoaders as the documentation of Apollo Server and of GraphQL Yoga shows them.
import DataLoader from "dataloader";
import { dependencies, dependents, todo, todoCreate, todos } from "./todos.js";

export const resolvers = {
  Query: { todos: (_, values) => todos(values), todo: (_, values) => todo(values) },
  Mutation: { todoCreate: (_, values) => todoCreate(values) },
  Todo: {
    dependencies: ({ id }, _, { loaders }) => loaders.dependencies.load(id),
    dependents: ({ id }, { first }, { loaders }) => loaders.dependents(first ?? 50).load(id),
  },
};

// For one request.
export function context() {
  const bySize = new Map();
  return {
    loaders: {
      dependencies: new DataLoader(dependencies),
      dependents(first) {
        if (!bySize.has(first)) bySize.set(first, new DataLoader((ids) => dependents(ids, first)));
        return bySize.get(first);
      },
    },
  };
}
