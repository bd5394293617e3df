#!/usr/bin/env bash
# The requests of a push, of a push again and of a pull, at a registry that is far away: when each was
# sent and answered, as the client sees it, on which connection, by which protocol.
#   RTT=40         the round trip in milliseconds, 1 or more
#   BYTES=250000   the size of the wasm
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=tests/bench/lab.bash
source "$bench/lab.bash"

rtt=${RTT:-40} bytes=${BYTES:-250000}

log_of() { # NAME COMMAND...
    local name=$1 before after
    shift
    : >requests
    before=$(date +%s.%N)
    "$@" >said 2>&1 || {
        cat said
        exit 1
    }
    after=$(date +%s.%N)
    sleep 0.2 # nginx writes the last line after the answer
    python3 "$bench/measure.py" requests requests "$name" "$rtt" "$before" "$after"
}

[[ ${FRONT:-nginx} == nginx ]] || { echo "the requests are those that nginx logs" && exit 1; }
start_lab
start_relay "$rtt"
write_config config.json
ref=$far/requests/filter:v1 next=$far/requests/filter:v2
build_image "$ref" "$bytes"
log_of "the first push" "$WASME" push "${ours[@]}" "$ref"
build_image "$next" "$bytes"
log_of "a push to the registry that is known" "$WASME" push "${ours[@]}" "$next"
log_of "push again" "$WASME" push "${ours[@]}" "$next"
log_of "pull" "$WASME" pull "${ours[@]}" "$next" --store pulled
log_of "pull of what is here" "$WASME" pull "${ours[@]}" "$next" --store pulled
