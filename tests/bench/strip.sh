#!/usr/bin/env bash
# A strip of a module of Go with debug information, 10 MB in all: `wasme build --strip`, which also
# checks the module, hashes it and puts an image into the store, compared with tools that only write
# the file. The build without --strip includes the line that says how much a strip would save.
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time go

runs=${RUNS:-11}
cp -r "$bench/../../examples/add-header-go" source
(cd source && env GOOS=wasip1 GOARCH=wasm GOFLAGS= GOCACHE="$work/cache" GOPATH="$work/gopath" \
    go build -buildmode=c-shared -o ../go.wasm .)
python3 - <<'END'
import os
module = open("go.wasm", "rb").read()
text = (os.environ["HOME"].encode() + b"/src/filter/main.go\0").ljust(64, b"x")
content = b"\x0a.debug_str" + text * ((10_000_000 - len(module)) // 64)
size = bytes(len(content) >> shift & 127 | (128 if shift < 28 else 0) for shift in range(0, 35, 7))
open("big.wasm", "wb").write(module + b"\0" + size + content)
END

commands=(
    "wasm-strip big.wasm -o out.wasm"
    "wasm-tools strip --all big.wasm -o out.wasm"
    "wasm-opt --strip-debug --strip-producers --enable-bulk-memory --enable-sign-ext
        --enable-nontrapping-float-to-int big.wasm -o out.wasm"
)
peers=()
for command in "${commands[@]}"; do
    ! command -v "${command%% *}" >/dev/null || peers+=("$command")
done
for ((i = 0; i < runs; i++)); do
    timed wasme-whole "$WASME" build precompiled big.wasm -t "whole:v$i"
    timed wasme "$WASME" build precompiled big.wasm -t "bench:v$i" --strip
    # shellcheck disable=SC2086 # words
    for command in "${peers[@]}"; do timed "${command%% *}" $command; done
    "$WASME" rm "bench:v$i" "whole:v$i" >/dev/null 2>&1
done
echo "strip of a module of 10 MB, medians of $runs (wasme-whole: a build without --strip):"
show wasme-whole "${peers[@]%% *}" wasme
for command in "wasme build precompiled big.wasm -t bench:v0 --strip" "${peers[@]}"; do
    # shellcheck disable=SC2086 # words
    printf '  %-22s memory %s kB\n' "${command%% *}" "$(PATH=$(dirname "$WASME"):$PATH rss $command)"
done
