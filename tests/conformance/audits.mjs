// Runs the audits of graphql-http against a server: one line for each on stderr, all of them as JSON on stdout.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);

const results = [];
for (const { id, name, fn } of serverAudits({ url })) {
  const { status, reason } = await fn();
  console.error(`${status.padEnd(6)} ${id} ${name}${reason ? `: ${reason}` : ""}`);
  results.push({ id, name, status, reason });
}
console.log(JSON.stringify(results));
