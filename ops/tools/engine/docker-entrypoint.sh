#!/bin/sh
# What docker-compose.yml relies on of the entry point of the official image of PostgreSQL, for the stand-in.
set -eu

as_postgres() {
    setpriv --reuid postgres --regid postgres --clear-groups "$@"
}

[ "$1" = postgres ] || exec "$@"
export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install --directory --owner postgres --group postgres --mode 700 "$PGDATA"
    install --owner postgres --mode 600 "$POSTGRES_PASSWORD_FILE" /tmp/password
    as_postgres initdb --username "$POSTGRES_USER" --pwfile /tmp/password --auth-host scram-sha-256 --encoding UTF8 \
        --locale C.UTF-8
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\";" | as_postgres postgres --single postgres
fi
install --directory --owner postgres --group postgres /run/postgresql
exec setpriv --reuid postgres --regid postgres --clear-groups "$@" -c listen_addresses='*'
