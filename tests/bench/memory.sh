#!/usr/bin/env bash
# Memory and time for a module of 300 MB (BYTES=n): build, push, pull; the same with oras.
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time

bytes=${BYTES:-300000000}
start_registry "$(free_port)"
write_config config.json
random_wasm filter.wasm "$bytes"
ref=$registry/wasme/big:v1
echo "memory for $bytes bytes:"

step() { # LABEL COMMAND...
    local label=$1
    shift
    env time -q -f '%M %e %U %S' -o used "$@" >/dev/null 2>said </dev/null || {
        cat said
        exit 1
    }
    awk -v label="$label" '{ printf "  %-22s %7d kB   wall %.2f s   cpu %.2f s\n", label, $1, $2, $3 + $4 }' used
}

step wasme-build "$WASME" build precompiled filter.wasm -t "$ref" -c config.json
step wasme-push "$WASME" push "$ref"
step wasme-pull "$WASME" pull "$ref" --store pulled
cmp filter.wasm pulled/*/filter.wasm
rm -rf pulled
if have_oras; then
    printf x >>filter.wasm # other bytes: the blob must not be there already
    step oras-push "$oras" push --plain-http --no-tty "$registry/oras/big:v1" \
        --config config.json:application/vnd.module.wasm.config.v1+json \
        filter.wasm:application/vnd.module.wasm.content.layer.v1+wasm
    step oras-pull "$oras" pull --plain-http --no-tty -o pulled "$registry/oras/big:v1"
else
    echo "  oras: skipped: not in PATH (ORAS=FILE names one)"
fi
