#!/usr/bin/env bash
# wasme compared with oras and crane: push, push again, pull, many pulls, a large pull; over plain
# http and over TLS with Basic authentication. All take turns in one run.
#   ORAS=FILE CRANE=FILE   the peers (default: oras and crane in PATH)
#   RUNS=n                 repetitions (default 21)      GROUNDS="http tls"
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time openssl htpasswd

runs=${RUNS:-21} bytes=250000 large=100000000 many=50
crane=${CRANE:-$(command -v crane || true)}
config_type=application/vnd.module.wasm.config.v1+json
wasm_type=application/vnd.module.wasm.content.layer.v1+wasm

make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=bench CA" -keyout ca.key -out ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
        -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out server.pem
}

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
    mkdir -p "$HOME/.docker"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry" "$(printf bench:secret | base64)" \
        >"$HOME/.docker/config.json"
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

new_filter() {
    random_wasm filter.wasm "$1"
    cp config.json runtime-config.json
}

oras_push() { # COMMAND... before it; then TAG
    local tag=${*: -1}
    "${@:1:$#-1}" "$oras" push "${theirs[@]}" "$registry/oras/filter:$tag" \
        --config "config.json:$config_type" "runtime-config.json:$config_type" \
        "filter.wasm:$wasm_type"
}

wasme_round() { # I
    local ref=$registry/wasme/filter:v$1
    new_filter $bytes
    "$WASME" build precompiled filter.wasm -t "$ref" -c config.json >/dev/null 2>&1
    timed wasme-push "$WASME" push "${ours[@]}" "$ref"
    timed wasme-again "$WASME" push "${ours[@]}" "$ref"
    timed wasme-pull "$WASME" pull "${ours[@]}" "$ref" --store pulled
    cmp filter.wasm pulled/*/filter.wasm
    rm -rf pulled
}

oras_round() { # I
    have_oras || return 0
    new_filter $bytes
    oras_push timed oras-push "v$1"
    oras_push timed oras-again "v$1"
    timed oras-pull "$oras" pull "${theirs[@]}" -o pulled "$registry/oras/filter:v$1"
    cmp filter.wasm pulled/filter.wasm
    rm -rf pulled
}

crane_round() { # I: an image of the same size, from an OCI layout
    [[ $crane ]] || return 0
    local ref=$registry/crane/filter:v$1
    new_filter $bytes
    "$WASME" build precompiled filter.wasm -t "$ref" -c config.json >/dev/null 2>&1
    "$WASME" save "$ref" -o layout.tar >/dev/null 2>&1
    rm -rf layout && mkdir layout && tar -C layout -xf layout.tar
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
        new_filter $bytes
        "$WASME" build precompiled filter.wasm -t "$registry/many/filter:t$i" -c config.json \
            >/dev/null 2>&1
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
    new_filter $large
    "$WASME" build precompiled filter.wasm -t "$registry/large/filter:v1" -c config.json >/dev/null 2>&1
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
    new_filter $bytes
    "$WASME" build precompiled filter.wasm -t "$ref" -c config.json >/dev/null 2>&1
    memory_of wasme-push "$WASME" push "${ours[@]}" "$ref"
    memory_of wasme-pull "$WASME" pull "${ours[@]}" "$ref" --store pulled
    memory_of wasme-large "$WASME" pull "${ours[@]}" "$registry/large/filter:v1" --store pulled-large
    have_oras || return 0
    oras_push memory_of oras-push rss
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
