#!/bin/sh
# Builds the image todo-app out of the working tree; the options of docker build can follow.
set -eu
cd "$(dirname "$0")/../.."

# What differs from a commit was not built from it. The image is as old as its commit, whenever it is built.
commit=
[ -n "$(git status --porcelain)" ] || commit=$(git rev-parse HEAD)
exec docker build --tag todo-app --build-arg APP_COMMIT="$commit" \
    --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" "$@" .
