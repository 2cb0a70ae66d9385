import type { ExecutionResult } from "graphql";
import type { TypedDocumentString } from "./gql/graphql.js";

/** Sends operations to one service. */
export class Client {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Gives the data of an operation; throws when there are errors, of which each has a code and a trace id. */
  async send<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors } = (await response.json()) as ExecutionResult<Result>;
    if (errors || !data) {
      throw new Error(JSON.stringify(errors));
    }
    return data;
  }
}
