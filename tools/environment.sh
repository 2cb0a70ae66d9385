#!/bin/sh
# Makes .venv out of requirements-dev.txt, with the project itself in it; does nothing when it fits already.
# PYTHON=/path/to/python chooses the interpreter of a new one.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "tools/environment.sh: $1" >&2
    exit 1
}

# The directory counts because a virtual environment that was moved no longer works.
wanted=$(pwd; cksum pyproject.toml requirements-dev.txt tools/environment.sh)
stamp=.venv/made-from

fits() {
    [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        # pyenv's own are looked for in its usual place and beside its shims.
        shim=$(command -v python3 || true)
        set -- python3.12 python3.13 python3.14 python3.15 python3 \
            "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[2-9]*/bin/python \
            "${shim%/shims/*}"/versions/3.1[2-9]*/bin/python
    fi
    # Each is tried by running it: a shim of pyenv is on the path even where it leads to no interpreter.
    for python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            return
        fi
    done
    fail "no Python 3.12 or newer was found: install one (Debian: apt-get install python3), or name it with PYTHON=."
}

find_uv() {
    uv=uv
    if uv --version >/dev/null 2>&1; then
        return
    fi
    uv=.tools/bin/uv
    # The version and the hashes are those of the lock: its entry begins with the name and goes on indented.
    mkdir -p .tools
    awk '/^[^ ]/ { ours = /^uv==/ } ours' requirements-dev.txt >.tools/uv.txt.new
    if ! "$uv" --version >/dev/null 2>&1 || ! cmp -s .tools/uv.txt.new .tools/uv.txt; then
        "$python" -m pip --version >/dev/null 2>&1 ||
            fail "neither uv nor pip was found: install uv, or pip for $python (Debian: apt-get install python3-pip)."
        "$python" -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --upgrade \
            --target .tools --requirement .tools/uv.txt.new
        mv .tools/uv.txt.new .tools/uv.txt
    fi
}

fits && exit

# One at a time. The lock is a link that names its owner, made in one step; that of a process which is gone is void.
until ln -s $$ .environment.lock 2>/dev/null; do
    kill -0 "$(readlink .environment.lock)" 2>/dev/null || rm -f .environment.lock
    sleep 0.2
done
trap 'rm -f .environment.lock' EXIT
trap 'exit 130' HUP INT TERM
fits && exit

echo "Making .venv; this takes up to a minute." >&2
find_python
find_uv
# Behind a company's certificate authority only the system's certificates will do.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
"$uv" venv --quiet --clear --no-project --python "$python" .venv
"$uv" pip install --quiet --python .venv --require-hashes --requirement requirements-dev.txt
# The build backend came with the lock, so this step needs no network.
"$uv" pip install --quiet --python .venv --offline --no-deps --no-build-isolation --editable .
echo "$wanted" >"$stamp"
