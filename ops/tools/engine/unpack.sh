#!/bin/sh
# Unpacks programs of Debian 13 into a directory, without installing anything; does nothing when they are there:
#   ops/tools/engine/unpack.sh DIRECTORY PACKAGE...
# Their commands are linked from DIRECTORY/bin. Those written in Go, as all of Docker is, run on older releases too.
set -eu
directory=$1
shift

stamp=$directory/made-from
[ "$(cat "$stamp" 2>/dev/null)" = "$*" ] && exit

rm -rf "$directory"
mkdir -p "$directory/bin" "$directory/root" "$directory/apt/lists/partial" "$directory/apt/cache/archives/partial"
directory=$(cd "$directory" && pwd)
# The mirror that apt is set up with has every release; the name in its format is not one of the shell's.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep '/debian/*$' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$directory/apt/sources.list"
# apt's own lists and sources stay as they are.
apt() {
    apt-get --quiet=2 --option Dir::Etc::SourceList="$directory/apt/sources.list" --option Dir::Etc::SourceParts=- \
        --option Dir::State::Lists="$directory/apt/lists" --option Dir::Cache="$directory/apt/cache" \
        --option APT::Sandbox::User=root "$@"
}
apt update
(cd "$directory/apt" && apt download "$@")
for package in "$directory"/apt/*.deb; do
    dpkg --extract "$package" "$directory/root"
done
rm -rf "$directory/apt"
for program in "$directory"/root/usr/bin/* "$directory"/root/usr/sbin/*; do
    ln -s "$program" "$directory/bin/"
done
echo "$*" >"$stamp"
