/** How the last operation was executed, as a timeline below its answer: only where the service tells it (APP_EXPLAIN). */

import type { Fetcher } from "@graphiql/toolkit";
import { useSyncExternalStore } from "react";

import "./explain.css";

interface Span {
  startedAt: number;
  milliseconds: number;
}

interface Explanation {
  traceUrl: string | null;
  cost: number | null;
  milliseconds: number;
  resolvers: (Span & { field: string; calls: number })[];
  statements: (Span & { text: string; count: number })[];
}

let last: Explanation | null = null;
const listeners = new Set<() => void>();

function show(explanation: Explanation | null): void {
  last = explanation;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ask for an explanation with each operation, and take it out of the answer that is shown. */
export function explained(fetcher: Fetcher): Fetcher {
  return async (parameters, options) => {
    const headers = { ...options?.headers, "X-Todo-Explain": "1" };
    const answer = await fetcher(parameters, { ...options, headers });
    if (parameters.operationName === "IntrospectionQuery" || !("extensions" in answer)) {
      return answer;
    }
    const { extensions, ...rest } = answer as { extensions?: { explain?: Explanation } };
    show(extensions?.explain ?? null);
    return rest;
  };
}

/** Draw the resolvers and the statements of the last operation, each where it began and as long as it took. */
export function Timeline() {
  const explanation = useSyncExternalStore(subscribe, () => last);
  if (explanation === null) {
    return null;
  }
  const { cost, milliseconds, traceUrl, resolvers, statements } = explanation;
  return (
    <section className="timeline" aria-label="Timeline">
      <header>
        <span>
          {milliseconds.toFixed(1)} ms, cost {cost ?? "unknown"}, {statements.reduce((sum, each) => sum + each.count, 0)} SQL
        </span>
        {traceUrl && (
          <a href={traceUrl} target="_blank" rel="noreferrer">
            Trace
          </a>
        )}
      </header>
      <ol>
        {resolvers.map((resolver) => (
          <Bar key={resolver.field} kind="resolver" span={resolver} total={milliseconds} times={resolver.calls}>
            {resolver.field}
          </Bar>
        ))}
        {statements.map((statement) => (
          <Bar key={statement.text} kind="statement" span={statement} total={milliseconds} times={statement.count}>
            {statement.text}
          </Bar>
        ))}
      </ol>
    </section>
  );
}

function Bar(props: { kind: string; span: Span; total: number; times: number; children: string }) {
  const { kind, span, total, times, children } = props;
  const place = { left: `${(100 * span.startedAt) / total}%`, width: `${(100 * span.milliseconds) / total}%` };
  return (
    <li className={kind} title={children}>
      <span className="name">{children}</span>
      <span className="track">
        <span className="bar" style={place} />
      </span>
      <span className="time">
        {span.milliseconds.toFixed(1)} ms{times > 1 && `, ${times} times`}
      </span>
    </li>
  );
}
