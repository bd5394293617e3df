# The measurements share this file: a scratch folder, a registry, timing. Each script sources the
# file.
#   WASME=FILE  the program that is measured
#   ORAS=FILE CRANE=FILE  the peers (default: those in PATH, or in build/peers)
#   RUNS=n      repetitions; the runs of wasme and of the peers take turns
# shellcheck shell=bash
set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${WASME:=$bench/../../wasme}"
WASME=$(realpath "$WASME")
PATH=$PATH:/usr/sbin:$(realpath -m "$bench/../../build/peers/usr/bin")
oras=${ORAS:-$(command -v oras || true)}
# shellcheck disable=SC2034 # the scripts use it
crane=${CRANE:-$(command -v crane || true)}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-bench.XXXXXX")
registry_pid=
others=() # processes of a script's own
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    [[ -z $registry_pid ]] || kill "$registry_pid" "${others[@]}" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work"
export HOME=$work/home TZ=UTC no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
unset WASME_HOME WASM_IMAGE_REGISTRY DOCKER_CONFIG REGISTRY_AUTH_FILE
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
mkdir "$HOME"
touch times

# The flags of each program for the registry of the moment.
# shellcheck disable=SC2034 # the scripts use them
ours=() theirs=() cranes=()

have_oras() { [[ -n $oras ]]; }

need() {
    local program
    for program; do
        command -v "$program" >/dev/null || {
            echo "skipped: $program is not installed"
            exit 0
        }
    done
}

timed() { # LABEL COMMAND...
    python3 "$bench/measure.py" run times "$@"
}

show() { # LABEL...: the last one is what the others are compared with
    python3 "$bench/measure.py" show times "$@"
}

# The most memory of several runs, in kB: rss COMMAND...
rss() {
    env time -q -f %M -o rss "$@" >/dev/null 2>&1 </dev/null
    tail -n 1 rss
}

random_wasm() { # FILE BYTES: an empty module and a custom section of random bytes
    local rest=$(($2 - 14)) i
    {
        printf '\0asm\1\0\0\0\0'
        for i in 0 7 14 21; do printf '%b' "\\x$(printf %02x $((rest >> i & 127 | 128)))"; done
        printf '%b' "\\x$(printf %02x $((rest >> 28)))"
        printf '\1x'
        head -c $((rest - 2)) /dev/urandom
    } >"$1"
}

write_config() { # FILE
    printf '{"type":"envoy_proxy","abiVersions":["v0.2.1"]}' >"$1"
}

new_filter() { # BYTES: filter.wasm and runtime-config.json, from config.json
    random_wasm filter.wasm "$1"
    cp config.json runtime-config.json
}

# build_image REF BYTES: a new image in the store.
build_image() {
    new_filter "$2"
    "$WASME" build precompiled filter.wasm -t "$1" -c config.json >/dev/null 2>&1
}

# make_layout REF: the image of the store as the OCI layout in the folder "layout", for crane.
make_layout() {
    "$WASME" save "$1" -o layout.tar >/dev/null 2>&1
    rm -rf layout && mkdir layout && tar -C layout -xf layout.tar
}

oras_push() { # COMMAND... before it; then REF
    local config=application/vnd.module.wasm.config.v1+json
    "${@:1:$#-1}" "$oras" push "${theirs[@]}" "${@: -1}" --config "config.json:$config" \
        "runtime-config.json:$config" "filter.wasm:application/vnd.module.wasm.content.layer.v1+wasm"
}

# ca.pem, and server.pem and server.key for this machine.
make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=bench CA" -keyout ca.key -out ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
        -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out server.pem
}

write_login() { # HOST: user bench, password secret
    mkdir -p "$HOME/.docker"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$1" "$(printf bench:secret | base64)" \
        >"$HOME/.docker/config.json"
}

# start_registry PORT [YAML]: sets $registry; the YAML continues the line "http: {…, secret: bench".
start_registry() {
    need docker-registry
    cat >registry.yml <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$1", secret: bench${2:+, }${2:-}}
END
    env -i PATH="$PATH" docker-registry serve registry.yml >registry.log 2>&1 </dev/null &
    registry_pid=$!
    export registry=127.0.0.1:$1
    wait_for_port "$1" || {
        cat registry.log
        return 1
    }
}

wait_for_port() {
    for _ in {1..100}; do
        (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    echo "nobody listens on port $1" >&2
    return 1
}

free_port() {
    python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
