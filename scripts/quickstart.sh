#!/usr/bin/env bash
# The main job from source to proxy, step by step: `make quickstart`. The script works in a scratch
# HOME with its own registry on a free loopback port, and leaves nothing outside the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

say() { printf '\n%s\n' "$*"; }

# Shows a command as a user would type it, and runs it.
show() {
    printf '$ %s\n' "$*"
    "$@"
}

fail() {
    echo "quickstart: $*" >&2
    exit 1
}

# --- Programs that must be installed ---

say "== Programs and libraries"
scripts/install-deps.sh build quickstart || fail "the packages above are needed first"
echo "The compiler, the libraries and curl are installed."

say "== Building wasme"
make -j"$(nproc)" --no-print-directory 2>&1 | tail -n 3
wasme_path=$root/wasme

# --- A scratch HOME ---

real_home=${HOME:-}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/wasme-quickstart.XXXXXX")
pids=()
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Compilers may be installed below the real HOME.
if [[ -d $real_home/.rustup ]]; then export RUSTUP_HOME=${RUSTUP_HOME:-$real_home/.rustup}; fi
if [[ -d $real_home/.cargo ]]; then export CARGO_HOME=${CARGO_HOME:-$real_home/.cargo}; fi
export GOCACHE=${GOCACHE:-$root/build/go-cache} GOTOOLCHAIN=local
export HOME=$scratch/home
mkdir "$HOME"
cd "$scratch"
unset WASME_HOME WASM_IMAGE_REGISTRY DOCKER_CONFIG
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
wasme() { "$wasme_path" "$@"; }

wait_for() { # FILE PATTERN
    for _ in {1..200}; do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    cat "$1" >&2
    fail "\"$2\" did not appear in time"
}

# --- The sample filter ---

rust_can() { # RUSTC
    local target
    for target in wasm32-wasip1 wasm32-wasi wasm32-unknown-unknown; do
        [[ -d $("$1" --print target-libdir --target "$target" 2>/dev/null) ]] && return
    done
    return 1
}

# A cargo in PATH that cannot build for wasm32 may hide Debian's, which can.
have_rust() {
    if command -v cargo >/dev/null && rust_can rustc; then return; fi
    [[ -x /usr/bin/cargo ]] && rust_can /usr/bin/rustc || return 1
    export PATH=/usr/bin:$PATH
}

have_go() {
    local version
    version=$(go env GOVERSION 2>/dev/null) || return 1
    printf '%s\n' go1.24 "$version" | sort -VC
}

build_sample() {
    if have_rust || { ! have_go && "$root/scripts/install-deps.sh" rust && have_rust; }; then
        cp -r "$root/examples/add-header" .
        show wasme build cargo add-header -t "$image"
    elif have_go; then
        cp -r "$root/examples/add-header-go" .
        show wasme build go add-header-go -t "$image"
    else
        echo "No installed Rust or Go builds for wasm32: using the compiled filter of examples/."
        cp "$root/examples/add-header.wasm" .
        show wasme build precompiled add-header.wasm -t "$image"
    fi
}

# Another machine, as it were: its store is not the one of this HOME.
start_registry() {
    echo '$ wasme serve --writable --bind 127.0.0.1 --port 0 --store registry &'
    "$wasme_path" serve --writable --bind 127.0.0.1 --port 0 --store "$scratch/registry" \
        >registry.out 2>registry.log </dev/null &
    pids+=($!)
    wait_for registry.out 'CTRL-C'
    registry=$(grep -oE '127\.0\.0\.1:[0-9]+' registry.out | head -n 1)
}

start_server() {
    echo "\$ wasme serve $image --bind 127.0.0.1 --port 0 &"
    "$wasme_path" serve "$image" --bind 127.0.0.1 --port 0 >serve.log 2>access.log </dev/null &
    pids+=($!)
    server_pid=$!
    wait_for serve.log 'CTRL-C'
    cat serve.log
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' serve.log | head -n 1)
}

wasm_of() { # STORE
    find "$1" -name filter.wasm | head -n 1
}

# --- The main job ---

say "== A registry: wasme itself"
registry=
start_registry
image=$registry/demo/add-header:v1

say "== From source to an image in the local store"
build_sample
show wasme list
show wasme inspect "$image" | sed -n 1,12p

say "== A second name; a push of both names to the registry at $registry"
show wasme tag "$image" "$registry/demo/add-header:stable"
show wasme push "$image" "$registry/demo/add-header:stable"

say "== A pull into another store, as on another machine"
show wasme pull "$image" --store second
show wasme list --store second
show cmp "$(wasm_of home/.wasme/store)" "$(wasm_of second)" ||
    fail "the pulled file differs from the pushed file"
echo "The same bytes."

say "== Over HTTP, as Envoy's remote code loads it"
start_server
show curl -fsS -o filter.wasm "$url/filter.wasm"
show cmp filter.wasm "$(wasm_of home/.wasme/store)" ||
    fail "the downloaded file differs from the built file"
echo "The same bytes."
kill -TERM "$server_pid"
wait "$server_pid" || fail "wasme serve ended with status $?"

say "== The manifest with which Istio runs it (nothing is sent anywhere)"
show wasme deploy istio "$image" --selector app=cart

cat <<END

Done. Try next:
    ./wasme init my-filter --language rust                          a filter of your own
    ./wasme build my-filter -t REGISTRY/NAME:v1                     your own registry and name
    ./wasme push REGISTRY/NAME:v1 -u USER --password-stdin
    ./wasme run filter.wasm                                         a filter in an Envoy of this machine
    ./wasme help
END
