#!/bin/sh
# Runs a command with a Docker engine: the machine's own, or, where it has none, one out of Debian's packages that ends
# with the command and knows stand-ins for the images that it cannot pull:
#   ops/tools/engine/with-engine.sh docker build .
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; then
    exec "$@"
fi

fail() {
    echo "ops/tools/engine/with-engine.sh: $1" >&2
    exit 1
}

[ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] ||
    fail "no Docker engine with compose and buildx answers: start one, or run this as root on Debian, where one is made."
for program in runc iptables mmdebstrap; do
    command -v "$program" >/dev/null || fail "an engine is made out of Debian's packages: apt-get install runc iptables mmdebstrap."
done

root=$(cd "$here/../../.." && pwd)/.tools/docker
mkdir -p "$root"
# Two engines cannot share a directory.
exec 9>"$root/lock"
flock --nonblock 9 || fail "another engine runs in $root."

"$here/unpack.sh" "$root/programs" docker.io docker-cli docker-compose docker-buildx containerd
export PATH="$root/programs/bin:$PATH"
export DOCKER_HOST="unix://$root/docker.sock" DOCKER_CONFIG="$root/config"
# Where docker looks for the commands that are programs of their own.
mkdir -p "$DOCKER_CONFIG"
ln -sfn "$root/programs/root/usr/libexec/docker/cli-plugins" "$DOCKER_CONFIG/cli-plugins"

# Containers end with the engine that they run in; nothing is left mounted.
dockerd --data-root "$root/data" --exec-root "$root/run" --pidfile "$root/docker.pid" --host "$DOCKER_HOST" \
    --exec-opt native.cgroupdriver=cgroupfs --storage-driver overlay2 9>&- >"$root/docker.log" 2>&1 &
engine=$!
trap 'kill "$engine"; wait "$engine" || true' EXIT
trap 'exit 130' HUP INT TERM
for _ in $(seq 60); do
    docker version >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.5
done
docker version >/dev/null || fail "the engine did not start: $(tail -n 1 "$root/docker.log")"

"$here/stand-ins.sh" 9>&-
"$@" 9>&-
