#!/usr/bin/env bash
# Unpacks a Rust that builds filters for wasm32-wasip1: unpack-rust.sh [FOLDER] (default
# build/peers/rust). FOLDER/bin then has cargo and rustc; nothing is installed. Both come from
# Debian 13 by the system's mirror, and run with the C library that they were made for. apt verifies
# the suite by the keys of debian-archive-keyring.
# A Rust in PATH that has the target is enough. The exit status is 1 when there is none in the end;
# the script then does not try again for an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/apt-apart.bash
source scripts/apt-apart.bash
folder=${1:-build/peers/rust}
suite=trixie

has_target() {
    [[ -d $("$1" --print target-libdir --target wasm32-wasip1 2>/dev/null) ]]
}

give_up() {
    echo "unpack-rust.sh: no Rust for wasm32-wasip1: $1" >&2
    exit 1
}

# What the programs load when they run. For programs of this machine itself, which procedural macros
# and build scripts are, rustc runs the system's cc.
is_needed() {
    [[ ${1##*/} =~ ^(rustc|cargo|lld|lib) ]] &&
        [[ ! ${1##*/} =~ ^lib(c6-dev|c-dev-bin|crypt-dev|gcc-.*-dev|.san[0-9]|asan|hwasan|gprofng|cc1) ]]
}

# add_program NAME: the program, run by its own loader.
add_program() {
    cat >"$folder/bin/$1" <<'END'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
for loader in "$root"/usr/lib*/ld-linux*.so.*; do
    exec "$loader" --library-path "$(echo "$root"/usr/lib/*-linux-gnu)" --argv0 "$0" \
        "$(readlink -f "$root/usr/bin/${0##*/}")" "$@"
done
END
    chmod 755 "$folder/bin/$1"
}

if has_target rustc || has_target "$folder/bin/rustc"; then exit 0; fi
[[ ! $(find "$folder/.failed" -mmin -60 2>/dev/null) ]] || give_up "it could not be had just now"
for program in apt-get dpkg-deb; do
    type -P "$program" >/dev/null || give_up "there is no $program to get it with"
done
mirror=$(find_mirror)
[[ $mirror ]] || give_up "apt's sources name no mirror of Debian"
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-rust.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder/bin"
echo "Unpacking into $folder: cargo rustc" >&2
if ! { begin_suite "$mirror" "$suite" &&
    apt_apart install --download-only --no-install-recommends cargo rustc libstd-rust-dev-wasm32 lld; }; then
    touch "$folder/.failed"
    tail -n 20 "$work/log" >&2
    give_up "the packages could not be fetched"
fi
for package in "$work"/cache/archives/*.deb; do
    if is_needed "$package"; then dpkg-deb --extract "$package" "$folder"; fi
done
rm -rf "${folder:?}/usr/share" "$folder/usr/lib/rustlib/wasm32-wasip2"
ln -sf lld "$folder/usr/bin/rust-lld" # the name by which rustc calls it
for program in cargo rustc rust-lld wasm-ld; do add_program $program; done
has_target "$folder/bin/rustc" || give_up "$suite has none that runs here"
