// GraphQL Yoga on Node's own server; it keeps parsed and validated documents by default.
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { context, resolvers } from "./resolvers.js";
import { port, typeDefs } from "./todos.js";

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), context, logging: false, graphiql: false });
createServer(yoga).listen(port, "127.0.0.1");
