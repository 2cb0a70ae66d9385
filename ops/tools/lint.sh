#!/bin/sh
# Checks the Dockerfile, docker-compose.yml and every shell script.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"

hadolint Dockerfile ops/pgbouncer/Dockerfile
compose-lint --quiet --skip-suppressed --strict-config --fail-on low --config ops/compose-lint.yaml docker-compose.yml
git ls-files '*.sh' .ci/run | xargs shellcheck --external-sources

if ! docker compose version >/dev/null 2>&1; then
    echo "docker-compose.yml was not read by Docker, which is not here." >&2
    exit
fi
for profile in "" load replicas pgbouncer; do
    docker compose --profile "$profile" config --quiet
done
