#!/bin/sh
# Makes what the peers of the benchmark run in: .tools/bench, and with BENCH_PEERS=1 their packages from npm.
set -eu
cd "$(dirname "$0")/../.."

# The directory counts because a virtual environment that was moved no longer works.
wanted=$(pwd; cksum bench/peers/requirements.txt)
stamp=.tools/bench/made-from
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Making .tools/bench; this takes up to a minute." >&2
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
    .venv/bin/uv venv --quiet --clear --no-project --python .venv/bin/python .tools/bench
    .venv/bin/uv pip install --quiet --python .tools/bench --require-hashes --requirement bench/peers/requirements.txt
    echo "$wanted" >"$stamp"
fi

[ "${BENCH_PEERS:-}" = 1 ] || exit 0

wanted=$(cksum bench/peers/package-lock.json)
stamp=bench/peers/node_modules/made-from
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the peers from npm; this takes up to a minute, and 400 MB." >&2
    tools/npm.sh --prefix bench/peers ci --loglevel error >/dev/null
    echo "$wanted" >"$stamp"
fi
