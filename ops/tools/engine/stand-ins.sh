#!/bin/sh
# Makes stand-ins for the images that the engine neither has nor can pull: python:3.12-slim out of Debian 13 and the
# CPython that .venv was made with, postgres:17 out of Debian 13's PostgreSQL 17. They are for checks alone.
# Hooks are for mmdebstrap's shell, which knows the image's root as $1.
# shellcheck disable=SC2016
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
certificates=/etc/ssl/certs/ca-certificates.crt

is_at_hand() {
    docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" 2>/dev/null
}

# Makes an image of Debian 13: its name, what a Dockerfile would say of it, and the options of mmdebstrap.
import() {
    name=$1 change=$2
    shift 2
    echo "$name cannot be pulled: making a stand-in out of Debian's packages." >&2
    mmdebstrap --quiet --variant=minbase "$@" trixie - | docker import --change "$change" - "$name" >/dev/null
}

is_at_hand python:3.12-slim || {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    prefix=$("$root/.venv/bin/python" -c 'import sys; print(sys.base_prefix)')
    name=$("$root/.venv/bin/python" -c 'import sys; print(f"python{sys.version_info.major}.{sys.version_info.minor}")')
    [ "$prefix" != /usr ] || { echo "stand-ins.sh: .venv needs a Python that is not Debian's own." >&2; exit 1; }
    mkdir -p "$work/usr/local/lib" "$work/usr/local/bin"
    cp -a "$prefix/bin/$name" "$work/usr/local/bin/"
    ln -s "$name" "$work/usr/local/bin/python3"
    ln -s "$name" "$work/usr/local/bin/python"
    find "$prefix/lib" -maxdepth 1 -name 'libpython*.so*' -exec cp -a {} "$work/usr/local/lib/" \;
    # As the image has it: without the tests of the standard library, and with pip alone.
    tar -C "$prefix/lib" --exclude=__pycache__ --exclude="$name/test" --exclude="$name/config-*" \
        --exclude="$name/site-packages/*" -c "$name" | tar -C "$work/usr/local/lib" -x
    # The machine may trust a certificate authority of its own; then what is built on the image has to, too.
    mkdir -p "$work/etc/ssl/certs"
    cp -L "$certificates" "$work/etc/ssl/certs/"
    tar -C "$work" --owner=0 --group=0 -cf "$work/python.tar" etc usr
    import python:3.12-slim "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        PIP_CERT=$certificates SSL_CERT_FILE=$certificates NODE_EXTRA_CA_CERTS=$certificates" \
        --include=ca-certificates,libbz2-1.0,libexpat1,libffi8,liblzma5,libncursesw6,libreadline8t64,libsqlite3-0 \
        --include=libssl3t64,libuuid1,netbase,tzdata,zlib1g \
        --customize-hook="tar-in $work/python.tar /" \
        --customize-hook='chroot "$1" ldconfig' \
        --customize-hook='chroot "$1" python -m ensurepip' \
        --customize-hook='ln -s pip3 "$1/usr/local/bin/pip"'
}

is_at_hand postgres:17 ||
    import postgres:17 'ENV PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
STOPSIGNAL SIGINT' \
        --include=postgresql-17 \
        --customize-hook="copy-in $here/docker-entrypoint.sh /usr/bin" \
        --customize-hook='rm -rf "$1"/var/lib/postgresql/*'
