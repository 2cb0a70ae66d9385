#!/bin/sh
# Plans a loaf of bread: creates two todos, asks for one, pages through all, completes, and meets a conflict.
set -eu
url=${1:-http://127.0.0.1:8082}/graphql

# Sends what comes on standard input, prints the answer, and keeps it.
ask() {
    answer=$(curl --silent --show-error --fail-with-body "$url" --header 'Content-Type: application/json' --data @-)
    echo "$answer"
}

# The ids are the caller's own: this can be run again, and creates nothing twice.
for input in \
    '{"id": "01990000-0000-7000-8000-000000000001", "title": "Buy flour"}' \
    '{"id": "01990000-0000-7000-8000-000000000002", "title": "Bake bread",
      "dependencies": ["01990000-0000-7000-8000-000000000001"]}'; do
    ask <<JSON
{
  "query": "mutation (\$input: TodoCreateInput!) { todoCreate(input: \$input) { __typename ... on TodoCreated { todo { title } } ... on Problem { code message } } }",
  "variables": { "input": $input }
}
JSON
done

ask <<'JSON'
{
  "query": "query ($id: ID!) { todo(id: $id) { title isBlocked dependencies { title } } }",
  "variables": { "id": "01990000-0000-7000-8000-000000000002" }
}
JSON

after=null
until [ -z "$after" ]; do
    ask <<JSON
{
  "query": "query (\$after: String) { todos(first: 1, after: \$after) { nodes { title } pageInfo { hasNextPage endCursor } } }",
  "variables": { "after": $after }
}
JSON
    after=$(echo "$answer" | sed -n 's/.*"hasNextPage":true,"endCursor":\("[^"]*"\).*/\1/p')
done

# Both at once: the bread waits for the flour.
ask <<'JSON'
{
  "query": "mutation ($id: ID!) { todoComplete(id: $id, cascade: true) { __typename ... on TodoUpdated { todo { title status } alsoCompleted { title } } ... on Problem { code message } } }",
  "variables": { "id": "01990000-0000-7000-8000-000000000002" }
}
JSON

# Version 1 is what it had before it was completed.
ask <<'JSON'
{
  "query": "mutation ($id: ID!) { todoUpdate(id: $id, ifVersion: 1, input: {status: CANCELLED}) { __typename ... on Problem { code message } ... on VersionConflictProblem { current { status version } conflictingFields } } }",
  "variables": { "id": "01990000-0000-7000-8000-000000000002" }
}
JSON
