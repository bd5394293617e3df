#!/usr/bin/env bash
# Push of a fresh 250 kB module, push of the same again, and pull, against oras where there is one.
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time

runs=${RUNS:-31} bytes=250000
start_registry "$(free_port)"
write_config config.json
config_type=application/vnd.module.wasm.config.v1+json
wasm_type=application/vnd.module.wasm.content.layer.v1+wasm

oras_push() { # TAG, in a folder with the files
    echo "$oras" push --plain-http --no-tty "$registry/oras/filter:$1" \
        --config "config.json:$config_type" "runtime-config.json:$config_type" \
        "filter.wasm:$wasm_type"
}

wasme_round() { # I
    local ref=$registry/wasme/filter:v$1 i=$1
    random_wasm filter.wasm $bytes
    "$WASME" build precompiled filter.wasm -t "$ref" -c config.json >/dev/null 2>&1
    timed wasme-push "$WASME" push "$ref"
    timed wasme-push-again "$WASME" push "$ref"
    timed wasme-pull "$WASME" pull "$ref" --store "pulled$i"
    cmp filter.wasm pulled"$i"/*/filter.wasm
    rm -rf "pulled$i"
}

oras_round() { # I
    local -a push
    cp config.json runtime-config.json
    random_wasm filter.wasm $bytes
    read -ra push < <(oras_push "v$1")
    timed oras-push "${push[@]}"
    timed oras-push-again "${push[@]}"
    timed oras-pull "$oras" pull --plain-http --no-tty -o "pulled$1" "$registry/oras/filter:v$1"
    cmp filter.wasm "pulled$1/filter.wasm"
    rm -rf "pulled$1"
}

for ((i = 0; i < runs; i++)); do
    if ((i % 2)) && have_oras; then oras_round "$i"; fi
    wasme_round "$i"
    if ! ((i % 2)) && have_oras; then oras_round "$i"; fi
done
echo "transfer of $bytes bytes, medians of $runs:"
for step in push push-again pull; do show "wasme-$step" "oras-$step"; done
ref=$registry/wasme/filter:rss
"$WASME" build precompiled filter.wasm -t "$ref" -c config.json >/dev/null 2>&1
echo "  wasme-push             memory $(rss "$WASME" push "$ref") kB"
echo "  wasme-pull             memory $(rss "$WASME" pull "$ref" --store rss-store) kB"
if have_oras; then
    cp config.json runtime-config.json
    read -ra push < <(oras_push rss)
    echo "  oras-push              memory $(rss "${push[@]}") kB"
    echo "  oras-pull              memory $(rss "$oras" pull --plain-http --no-tty -o rss-oras \
        "$registry/oras/filter:rss") kB"
else
    echo "  oras: skipped: not in PATH (ORAS=FILE names one)"
fi
