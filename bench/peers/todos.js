// What the peers on Node.js share: `pg` with prepared statements, and instants that stay text.
import { readFileSync } from "node:fs";
import pg from "pg";

pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`);

const pool = new pg.Pool({
  connectionString: process.env.APP_DATABASE_URL,
  max: 10,
  min: 10,
  idleTimeoutMillis: 0,
  options: "-c TimeZone=UTC",
});

export const port = Number(process.env.APP_PORT);
export const typeDefs = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");

// The database knows them by their number.
const PRIORITIES = ["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"];

const COLUMNS = `t.id, t.title, t.description, t.status, t.priority, t.version,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;
const SORT_KEYS = { CREATED_AT: "t.created_at, t.id", DUE: "t.overdue_at, t.created_at, t.id" };

const names = new Map();

async function query(text, values) {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `statement_${names.size}`));
  const { rows } = await pool.query({ name, text, values });
  for (const row of rows) row.priority = PRIORITIES[row.priority];
  return rows;
}

// Members are made when they are asked for, as a resolver of their own would.
class Connection {
  constructor(rows, first) {
    this.hasNextPage = rows.length > first;
    this.nodes = this.hasNextPage ? rows.slice(0, first) : rows;
  }

  get edges() {
    return this.nodes.map((node) => ({ cursor: cursorOf(node), node }));
  }

  get pageInfo() {
    const { hasNextPage, nodes } = this;
    return { hasNextPage, endCursor: nodes.length ? cursorOf(nodes.at(-1)) : null };
  }
}

function cursorOf({ createdAt, id }) {
  return Buffer.from(JSON.stringify(["CREATED_AT", createdAt, id])).toString("base64url");
}

// No operation goes on from a page in another order than that of creation.
export async function todos({ first, after, filter, orderBy }) {
  const size = first ?? 50;
  const values = [size + 1];
  const parameter = (value) => `$${values.push(value)}`;
  const conditions = ["t.owner = ''", "t.trashed_at IS NULL"];
  if (after) {
    const [, createdAt, id] = JSON.parse(Buffer.from(after, "base64url").toString());
    conditions.push(`(t.created_at, t.id) > (${parameter(createdAt)}, ${parameter(id)})`);
  }
  if (filter?.status) conditions.push(`t.status = ANY(${parameter(filter.status)})`);
  if (filter?.priority) conditions.push(`t.priority = ANY(${parameter(filter.priority.map((name) => PRIORITIES.indexOf(name)))})`);
  const rows = await query(
    `SELECT ${COLUMNS} FROM todos t WHERE ${conditions.join(" AND ")} ORDER BY ${SORT_KEYS[orderBy.field]} LIMIT $1`,
    values,
  );
  return new Connection(rows, size);
}

export async function todo({ id }) {
  const rows = await query(
    `SELECT ${COLUMNS} FROM todos t WHERE t.owner = '' AND t.id = $1 AND t.trashed_at IS NULL`,
    [id],
  );
  return rows[0] ?? null;
}

export async function todoCreate({ input }) {
  const rows = await query(
    `WITH t AS (
      INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
      VALUES ('', gen_random_uuid(), $1, lower($1), 'OPEN', 0, 'infinity', 1, now(), now())
      RETURNING *
    ), logged AS (
      INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
      SELECT '', id, 'CREATED', 1, '["title"]', created_at FROM t
    )
    SELECT ${COLUMNS} FROM t`,
    [input.title],
  );
  return { __typename: "TodoCreated", todo: rows[0] };
}

// Both give what belongs to each of the ids, in their order.
export async function dependencies(ids) {
  const rows = await query(
    `SELECT d.todo_id AS "of", ${COLUMNS} FROM todo_dependencies d
     JOIN todos t ON t.owner = d.owner AND t.id = d.depends_on_id
     WHERE d.owner = '' AND d.todo_id = ANY($1::uuid[]) AND t.trashed_at IS NULL ORDER BY d.position`,
    [ids],
  );
  return gathered(ids, rows);
}

export async function dependents(ids, first) {
  const rows = await query(
    `SELECT wanted.id AS "of", found.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM todo_dependencies d JOIN todos t ON t.owner = d.owner AND t.id = d.todo_id
      WHERE d.owner = '' AND d.depends_on_id = wanted.id AND t.trashed_at IS NULL
      ORDER BY t.created_at, t.id LIMIT $2
    ) AS found`,
    [ids, first + 1],
  );
  return gathered(ids, rows).map((each) => new Connection(each, first));
}

function gathered(ids, rows) {
  const found = new Map(ids.map((id) => [id, []]));
  for (const row of rows) found.get(row.of).push(row);
  return ids.map((id) => found.get(id));
}
