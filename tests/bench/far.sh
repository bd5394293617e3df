#!/usr/bin/env bash
# wasme, oras and crane at a registry that is far away: TLS, HTTP/2, tokens, and a network with a
# round trip of so many milliseconds. All programs take turns in one run.
#   RTTS="0 10 40 150"     the round trips in milliseconds
#   BEFORE=FILE            another wasme, for example that of the commit before
#   FRONT=haproxy          HAProxy stands before the registry, and not nginx
#   RUNS=n LARGE_RUNS=n    repetitions (default 9), and of the large images (default 3)
started=$PWD
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=tests/bench/lab.bash
source "$bench/lab.bash"

small=250000 large=20000000 many=10
runs=${RUNS:-9} large_runs=${LARGE_RUNS:-3}

# program_of NAME: prints the file of "wasme" or "before".
program_of() {
    if [[ $1 == before ]]; then echo "$BEFORE"; else echo "$WASME"; fi
}

programs=(wasme)
find_peers() {
    local peer
    if [[ ${BEFORE:-} ]]; then
        BEFORE=$(cd "$started" && realpath "$BEFORE")
        programs+=(before)
    fi
    for peer in oras crane; do
        if [[ ${!peer} ]] && command -v "${!peer}" >/dev/null; then
            programs+=("$peer")
        else
            echo "$peer: skipped: no program ${!peer:-in PATH or build/peers} (${peer^^}=FILE names one)"
        fi
    done
}

# take_turns COMMAND...: calls "COMMAND... PROGRAM" for each program; another one begins each time.
turn=0
take_turns() {
    local i
    for ((i = 0; i < ${#programs[@]}; i++)); do
        "$@" "${programs[(turn + i) % ${#programs[@]}]}"
    done
    turn=$((turn + 1))
}

# push PROGRAM WORK REF: the image in the store, in filter.wasm or in the layout.
push() {
    case $1 in
    wasme | before) timed "$2.$1" "$(program_of "$1")" push "${ours[@]}" "$3" ;;
    oras) oras_push timed "$2.oras" "$3" ;;
    crane) timed "$2.crane" "$crane" push "${cranes[@]}" layout "$3" ;;
    esac
}

# pull PROGRAM WORK REF...
pull() {
    local program=$1 work=$2
    shift 2
    rm -rf pulled
    case $program in
    wasme | before)
        timed "$work.$program" "$(program_of "$program")" pull "${ours[@]}" "$@" --store pulled
        ;;
    oras) timed "$work.oras" "$oras" pull "${theirs[@]}" -o pulled "$1" ;;
    crane) timed "$work.crane" "$crane" pull "${cranes[@]}" --format oci "$@" pulled ;;
    esac
}

make_image() { # REF BYTES PROGRAM
    build_image "$1" "$2"
    [[ $3 != crane ]] || make_layout "$1"
}

small_round() { # TAG PROGRAM
    local ref=$far/small/$2:$1
    make_image "$ref" $small "$2"
    push "$2" push "$ref"
    push "$2" again "$ref"
    pull "$2" pull "$ref"
}

large_round() { # TAG PROGRAM
    local ref=$far/large/$2:$1
    make_image "$ref" $large "$2"
    push "$2" large-push "$ref"
    pull "$2" large-pull "$ref"
    "$WASME" rm "$ref" >/dev/null 2>&1
}

many_round() { # PROGRAM: one process pulls all of $many_refs; oras can do so by `backup` alone
    if [[ $1 == oras ]]; then
        rm -rf pulled
        timed many.oras "$oras" backup "${theirs[@]}" -o pulled "$far/many/filter:$many_tags"
    else
        pull "$1" many "${many_refs[@]}"
    fi
}

make_many() {
    local i
    many_refs=() many_tags=
    for ((i = 0; i < many; i++)); do
        many_refs+=("$far/many/filter:t$i")
        many_tags+=${many_tags:+,}t$i
        build_image "$far/many/filter:t$i" $small
    done
    "$WASME" push "${ours[@]}" "${many_refs[@]}" >/dev/null 2>&1
}

measure() { # RTT
    local i
    start_relay "$1"
    rm -f times
    for ((i = 0; i < runs; i++)); do take_turns small_round "r$1-$i"; done
    make_many
    for ((i = 0; i < (runs + 1) / 2; i++)); do take_turns many_round; done
    for ((i = 0; i < large_runs; i++)); do take_turns large_round "r$1-$i"; done
    python3 "$bench/measure.py" table times "$1" large-push="push 20 MB" push="push 250 kB" \
        again="push again, nothing new" pull="pull 250 kB" many="ten pulls in one process" \
        large-pull="pull 20 MB"
}

find_peers
start_lab
write_config config.json
for rtt in ${RTTS:-0 10 40 150}; do measure "$rtt"; done
