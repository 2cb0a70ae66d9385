#!/bin/sh
# Gives the database a new password, and the vault the address with it in it:
#   ops/azure/rotate-database-password.sh RESOURCE_GROUP SERVER VAULT
# Also how the first one gets there. Pods take it when they start: restart them afterwards (docs/operations.md).
set -eu
[ $# -eq 3 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 2; }
group=$1 server=$2 vault=$3

# Files, as the arguments of a running program can be read by everybody on its machine.
umask 077
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' HUP INT TERM

# 192 bits; the letters in front are for Azure's rule of three kinds of characters. Nothing in it needs escaping in a URL.
printf 'Aa1%s' "$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')" >"$directory/password"

host=$(az postgres flexible-server show --resource-group "$group" --name "$server" \
    --query fullyQualifiedDomainName --output tsv)
login=$(az postgres flexible-server show --resource-group "$group" --name "$server" \
    --query administratorLogin --output tsv)
[ -n "$host" ] && [ -n "$login" ] || { echo "The server $server has no name or no administrator." >&2; exit 1; }

# The image has Debian's certificates, where asyncpg does not look by itself.
printf 'postgresql://%s:%s@%s:5432/todo?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt' \
    "$login" "$(cat "$directory/password")" "$host" >"$directory/url"

# The vault first: it keeps the version before, and a password that nobody wrote down could only be replaced.
az keyvault secret set --vault-name "$vault" --name database-url --file "$directory/url" --encoding utf-8 --output none
az postgres flexible-server update --resource-group "$group" --name "$server" \
    --admin-password "@$directory/password" --output none
echo "The database has a new password, which the vault knows. Connections that are open go on; restart the pods."
