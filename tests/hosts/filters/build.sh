#!/usr/bin/env bash
# Builds filters with the toolchains that this machine has: build.sh FOLDER. The rest is left out.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
PATH=$PATH:$PWD/build/peers/usr/bin
[[ ! -x build/peers/rust/bin/cargo ]] || PATH=$PWD/build/peers/rust/bin:$PATH
export GOFLAGS='-mod=mod -buildvcs=false'

attempt() {
    "$@" </dev/null >"$folder/log" 2>&1 || echo "not built: $* - $(tail -n 1 "$folder/log")"
}

# build_go NAME SOURCES [FLAG...]
build_go() {
    (cd "$2" && GOOS=wasip1 GOARCH=wasm attempt go build "${@:3}" -o "$folder/$1.wasm" .)
}

# build_tinygo NAME [FLAG...]
build_tinygo() {
    (cd examples/add-header-tinygo &&
        attempt tinygo build -o "$folder/$1.wasm" -target=wasip1 "${@:2}" .)
}

build_go go examples/add-header-go -buildmode=c-shared
build_go go-stripped examples/add-header-go -buildmode=c-shared -ldflags='-s -w'
build_go go-command examples/add-header-go
build_go go-oslink tests/hosts/filters/oslink -buildmode=c-shared
build_tinygo tinygo -buildmode=c-shared
build_tinygo tinygo-command
build_tinygo tinygo-no-scheduler -buildmode=c-shared -scheduler=none -gc=leaking
(cd examples/add-header && attempt cargo build --release --target wasm32-wasip1 \
    --target-dir "$folder/target")
! cp "$folder"/target/wasm32-wasip1/release/*.wasm "$folder/" 2>/dev/null || true
attempt clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o "$folder/c.wasm" \
    tests/hosts/filters/plain.c
