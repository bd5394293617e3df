#!/usr/bin/env bash
# Runs libFuzzer targets one after the other: run.sh SECONDS TARGET...
# New inputs are kept beside the target in found/<name>; those worth keeping belong into corpus/.
set -euo pipefail
cd "$(dirname "$0")"

seconds=$1
shift
failed=()
for target; do
    target=$(cd ../.. && realpath "$target")
    name=$(basename "$target")
    name=${name#fuzz_}
    [[ $name == *"${T:-}"* ]] || continue
    found=$(dirname "$target")/found/$name
    mkdir -p "$found"
    corpus=(corpus/"$name")
    [[ -d ${corpus[0]} ]] || corpus=()
    echo "fuzz $name for $seconds s"
    log=$found.log
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$found-" "$found" "${corpus[@]}" >"$log" 2>&1; then
        grep -E '^stat::(number_of_executed_units|new_units_added)' "$log" | sed 's/^/  /'
    else
        tail -n 40 "$log"
        failed+=("$name")
    fi
done
if ((${#failed[@]})); then
    echo "fuzz: failed: ${failed[*]}"
    exit 1
fi
