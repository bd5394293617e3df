#!/usr/bin/env bash
# The time of commands that do little: version, list and tag, compared with `oras version`.
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time

runs=${RUNS:-51}
write_config config.json
random_wasm filter.wasm 250000
for i in {1..10}; do
    "$WASME" build precompiled filter.wasm -t "harbor.example/bench/filter:v$i" -c config.json \
        >/dev/null 2>&1
done
for ((i = 0; i < runs; i++)); do
    timed wasme-version "$WASME" version
    timed wasme-list-10 "$WASME" list
    timed wasme-tag "$WASME" tag harbor.example/bench/filter:v1 "harbor.example/bench/tag:v$i"
    timed true true
    if have_oras; then timed oras-version "$oras" version; fi
done
echo "start-up, medians of $runs (true: what starting any process costs):"
show true wasme-version wasme-list-10 wasme-tag oras-version
echo "  wasme-version          memory $(rss "$WASME" version) kB"
if have_oras; then
    echo "  oras-version           memory $(rss "$oras" version) kB"
else
    echo "  oras: skipped: not in PATH (ORAS=FILE names one)"
fi
