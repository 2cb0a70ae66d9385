-- PostGraphile's way to a mutation that does more than insert one row: a function, whose name becomes a field.
CREATE FUNCTION todo_create(title text) RETURNS todos LANGUAGE sql VOLATILE STRICT AS $$
    WITH made AS (
        INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
        VALUES ('', gen_random_uuid(), $1, lower($1), 'OPEN', 0, 'infinity', 1, now(), now())
        RETURNING *
    ), logged AS (
        INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
        SELECT '', id, 'CREATED', 1, '["title"]', created_at FROM made
    )
    SELECT * FROM made
$$;
