#!/bin/sh
# Checks the Dockerfile and every shell script.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"

hadolint Dockerfile
git ls-files '*.sh' .ci/run | xargs shellcheck --external-sources
