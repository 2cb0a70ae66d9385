#!/bin/sh
# Builds the pages of /graphql and /docs out of explorer/; does nothing when they are built from that already.
set -eu
cd "$(dirname "$0")/.."

# The build empties the directory that holds the stamp, so that one cut short is made again.
wanted=$(find explorer -name node_modules -prune -o -type f -exec cksum {} + | LC_ALL=C sort; cksum tools/explorer.sh)
stamp=todo_gql/graphql/graphiql/static/made-from

fits() {
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]
}

fits && exit

# One at a time. The lock is a link that names its owner, made in one step; that of a process which is gone is void.
mkdir -p .tools
lock=.tools/explorer.lock
until ln -s $$ "$lock" 2>/dev/null; do
    kill -0 "$(readlink "$lock")" 2>/dev/null || rm -f "$lock"
    sleep 0.2
done
trap 'rm -f "$lock"' EXIT
trap 'exit 130' HUP INT TERM
fits && exit

echo "Building the explorer; this takes up to a minute." >&2
tools/npm.sh --prefix explorer ci --loglevel error >/dev/null
tools/npm.sh --prefix explorer run --silent build >&2
echo "$wanted" >"$stamp"
