// Apollo Server, as its documentation starts it.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { context, resolvers } from "./resolvers.js";
import { port, typeDefs } from "./todos.js";

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  context: async () => context(),
  listen: { host: "127.0.0.1", port },
});
