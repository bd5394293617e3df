#!/usr/bin/env bash
# wasme compared with oras and crane: push, push again, pull, many pulls, a large pull; over plain
# http and over TLS with Basic authentication. All take turns in one run.
#   RUNS=n                 repetitions (default 21)      GROUNDS="http tls"
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time openssl htpasswd

runs=${RUNS:-21} bytes=250000 large=100000000 many=50

# Sets the flags of each tool for the ground.
begin_ground() {
    local port
    port=$(free_port)
    if [[ $1 == http ]]; then
        start_registry "$port"
        ours=() theirs=(--plain-http --no-tty) cranes=(--insecure)
        return
    fi
    make_certificates >openssl.log 2>&1
    htpasswd -bnB bench secret >users
    start_registry "$port" "tls: {certificate: $work/server.pem, key: $work/server.key}}
auth: {htpasswd: {realm: bench, path: $work/users}"
    write_login "$registry"
    ours=(--ca-file ca.pem) theirs=(--ca-file ca.pem --no-tty) cranes=()
    export SSL_CERT_FILE=$work/ca.pem
}

end_ground() {
    kill "$registry_pid"
    wait "$registry_pid" 2>/dev/null || true
    rm -rf registry times "$HOME/.docker" "$HOME/.wasme"
    touch times
    unset SSL_CERT_FILE
}

wasme_round() { # I
    local ref=$registry/wasme/filter:v$1
    build_image "$ref" $bytes
    timed wasme-push "$WASME" push "${ours[@]}" "$ref"
    timed wasme-again "$WASME" push "${ours[@]}" "$ref"
    timed wasme-pull "$WASME" pull "${ours[@]}" "$ref" --store pulled
    cmp filter.wasm pulled/*/filter.wasm
    rm -rf pulled
}

oras_round() { # I
    have_oras || return 0
    new_filter $bytes
    oras_push timed oras-push "$registry/oras/filter:v$1"
    oras_push timed oras-again "$registry/oras/filter:v$1"
    timed oras-pull "$oras" pull "${theirs[@]}" -o pulled "$registry/oras/filter:v$1"
    cmp filter.wasm pulled/filter.wasm
    rm -rf pulled
}

crane_round() { # I: an image of the same size, from an OCI layout
    [[ $crane ]] || return 0
    local ref=$registry/crane/filter:v$1
    build_image "$ref" $bytes
    make_layout "$ref"
    timed crane-push "$crane" push "${cranes[@]}" layout "$ref"
    timed crane-again "$crane" push "${cranes[@]}" layout "$ref"
    timed crane-pull "$crane" pull "${cranes[@]}" --format oci "$ref" pulled
    rm -rf pulled
}

one_by_one() {
    local i
    for ((i = 0; i < runs; i++)); do
        case $((i % 3)) in
        0) wasme_round "$i" && oras_round "$i" && crane_round "$i" ;;
        1) oras_round "$i" && crane_round "$i" && wasme_round "$i" ;;
        2) crane_round "$i" && wasme_round "$i" && oras_round "$i" ;;
        esac
    done
    for step in push again pull; do show "wasme-$step" "crane-$step" "oras-$step"; done
}

many_at_once() {
    local i refs=() tags=
    for ((i = 0; i < many; i++)); do
        build_image "$registry/many/filter:t$i" $bytes
        refs+=("$registry/many/filter:t$i")
        tags+=,t$i
    done
    "$WASME" push "${ours[@]}" "${refs[@]}" >/dev/null 2>&1
    for ((i = 0; i < (runs + 3) / 4; i++)); do
        timed wasme-many "$WASME" pull "${ours[@]}" "${refs[@]}" --store pulled
        rm -rf pulled
        have_oras || continue
        timed oras-many "$oras" backup "${theirs[@]}" -o pulled "$registry/many/filter:${tags#,}"
        rm -rf pulled
    done
    show wasme-many oras-many
}

large_one() {
    local i
    build_image "$registry/large/filter:v1" $large
    "$WASME" push "${ours[@]}" "$registry/large/filter:v1" >/dev/null 2>&1
    for ((i = 0; i < (runs + 3) / 4; i++)); do
        timed wasme-large "$WASME" pull "${ours[@]}" "$registry/large/filter:v1" --store pulled
        rm -rf pulled
        [[ ! $crane ]] || timed crane-large "$crane" pull "${cranes[@]}" --format oci \
            "$registry/large/filter:v1" pulled
        rm -rf pulled
        have_oras || continue
        timed oras-large "$oras" pull "${theirs[@]}" -o pulled "$registry/large/filter:v1"
        rm -rf pulled
    done
    show wasme-large crane-large oras-large
}

memory_of() { # LABEL COMMAND...
    printf '  %-22s memory %s kB\n' "$1" "$(rss "${@:2}")"
}

memory() {
    local ref=$registry/wasme/filter:rss
    build_image "$ref" $bytes
    memory_of wasme-push "$WASME" push "${ours[@]}" "$ref"
    memory_of wasme-pull "$WASME" pull "${ours[@]}" "$ref" --store pulled
    memory_of wasme-large "$WASME" pull "${ours[@]}" "$registry/large/filter:v1" --store pulled-large
    have_oras || return 0
    oras_push memory_of oras-push "$registry/oras/filter:rss"
    memory_of oras-pull "$oras" pull "${theirs[@]}" -o pulled-oras "$registry/oras/filter:rss"
    memory_of oras-large "$oras" pull "${theirs[@]}" -o pulled-oras "$registry/large/filter:v1"
    rm -rf pulled pulled-large pulled-oras
}

write_config config.json
have_oras || echo "oras: skipped: not in PATH (ORAS=FILE names one)"
for ground in ${GROUNDS:-http tls}; do
    begin_ground "$ground"
    echo "$ground: $bytes bytes, medians of $runs; $many tags at once; $large bytes:"
    one_by_one
    many_at_once
    large_one
    memory
    end_ground
done
