# The measurements share this file: a scratch folder, a registry, timing. Each script sources the
# file.
#   WASME=FILE  the program that is measured      ORAS=FILE  the peer (default: oras in PATH)
#   RUNS=n      repetitions; the runs of wasme and of the peer take turns
# shellcheck shell=bash
set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${WASME:=$bench/../../wasme}"
WASME=$(realpath "$WASME")
oras=${ORAS:-$(command -v oras || true)}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-bench.XXXXXX")
registry_pid=
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    [[ -z $registry_pid ]] || kill "$registry_pid" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work"
export HOME=$work/home TZ=UTC no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
unset WASME_HOME WASM_IMAGE_REGISTRY DOCKER_CONFIG
mkdir "$HOME"
touch times

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
    for _ in {1..100}; do
        (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    cat registry.log
    return 1
}

free_port() {
    python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
