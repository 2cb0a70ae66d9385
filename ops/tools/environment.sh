#!/bin/sh
# Makes .tools/ops out of ops/tools/requirements.txt: what checks ops/ and is too large for .venv, or at odds with it.
set -eu
cd "$(dirname "$0")/../.."

wanted=$(pwd; cksum ops/tools/requirements.txt)
stamp=.tools/ops/made-from

[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit

echo "Making .tools/ops; this takes up to a minute." >&2
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
.venv/bin/uv venv --quiet --clear --no-project --python .venv/bin/python .tools/ops
.venv/bin/uv pip install --quiet --python .tools/ops --require-hashes --requirement ops/tools/requirements.txt
echo "$wanted" >"$stamp"
