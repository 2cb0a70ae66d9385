import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const compressible = /\.(css|js|svg|ttf)$/;

/** Put a compressed copy beside every asset that gets smaller by it, so that the service need not do it. */
function compressedCopies(): Plugin {
  return {
    name: "compressed-copies",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const output of Object.values(bundle).filter((output) => compressible.test(output.fileName))) {
          const content = output.type === "chunk" ? output.code : output.source;
          this.emitFile({
            type: "asset",
            fileName: `${output.fileName}.gz`,
            source: gzipSync(content, { level: 9 }),
          });
        }
      },
    },
  };
}

export default defineConfig({
  base: "/graphql/",
  // The warnings are all about other people's code; tsc speaks about ours.
  logLevel: "error",
  plugins: [compressedCopies()],
  build: {
    outDir: "../todo_gql/graphql/graphiql/static",
    emptyOutDir: true,
    rolldownOptions: { input: ["graphql.html", "docs.html"] },
    // What is built goes into wheels and images, and the licences ask to be passed on with it.
    license: { fileName: "licenses.md" },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco is that big.
    chunkSizeWarningLimit: 5000,
  },
});
