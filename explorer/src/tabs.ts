/** The tabs of a first visit: `tabs/*.graphql` in the order of their names. */

const documents = import.meta.glob<string>("./tabs/*.graphql", { query: "?raw", import: "default", eager: true });

// Variables have their defaults in the documents: GraphiQL 5.4 leaves those of the first tab out.
export const tabs = Object.keys(documents)
  .sort()
  .map((name) => ({ query: documents[name]! }));
