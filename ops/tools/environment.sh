#!/bin/sh
# Makes an environment beside .venv out of a lock, of what is too large for that, or at odds with it:
# .tools/ops, which checks ops/; .tools/audit for `environment.sh audit requirements-audit.txt`.
set -eu
cd "$(dirname "$0")/../.."

place=.tools/${1:-ops} lock=${2:-ops/tools/requirements.txt}
wanted=$(pwd; cksum "$lock")
stamp=$place/made-from

[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit

echo "Making $place; this takes up to a minute." >&2
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
.venv/bin/uv venv --quiet --clear --no-project --python .venv/bin/python "$place"
.venv/bin/uv pip install --quiet --python "$place" --require-hashes --requirement "$lock"
echo "$wanted" >"$stamp"
