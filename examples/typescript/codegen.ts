import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "src/*.ts",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Writes src/gql/persisted-documents.json, which the service can be given as the documents that it knows.
        persistedDocuments: { hashAlgorithm: "sha256", hashPropertyName: "documentId" },
      },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        scalars: { Date: "string", DateTime: "string", SyncToken: "string", TimeZone: "string" },
        strictScalars: true,
        useTypeImports: true,
      },
    },
  },
  emitLegacyCommonJSImports: false,
};

export default config;
