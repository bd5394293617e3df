# Every test of the command line loads this file: a scratch HOME for each test, assertions, small
# wasm modules, real registries on free ports, and `wasme serve`. teardown stops the programs that a
# test started, and teardown_file those of setup_file.
#
#     load helper
#     @test "list: a missing store is empty" {
#         try list
#         assert_status 0
#     }
#
# A test file that starts programs for all its tests defines setup_file and calls start_* there. A
# file with its own setup or teardown calls scratch and stop_all there.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT
export WASME=${WASME:-$ROOT/wasme}
: "${BATS_TEST_TIMEOUT:=300}"
export BATS_TEST_TIMEOUT
export PYTHONDONTWRITEBYTECODE=1 # the fakes leave nothing in the sources

# --- A clean environment ---

# The scratch HOME hides the files that compilers and their wrappers have below the real HOME.
keep_toolchain_homes() {
    [[ ${WASME_REAL_HOME:-} ]] && return
    export WASME_REAL_HOME=$HOME
    if [[ -d $HOME/.rustup ]]; then export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}; fi
    if [[ -d $HOME/.cargo ]]; then export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}; fi
    if [[ -d $HOME/go ]]; then export GOPATH=${GOPATH:-$HOME/go}; fi
    export GOCACHE=${GOCACHE:-$ROOT/build/go-cache}
}

scratch() {
    [[ ! ${BATS_TEST_NUMBER:-} || ! ${SKIP_FILE:-} ]] || skip "$SKIP_FILE"
    keep_toolchain_homes
    HOME=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/home
    mkdir -p "$HOME"
    export HOME TZ=UTC LC_ALL=C
    export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
    unset WASME_HOME WASM_IMAGE_REGISTRY DOCKER_CONFIG DOCKER_AUTH_CONFIG REGISTRY_AUTH_FILE
    unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR NO_COLOR CLICOLOR_FORCE SOURCE_DATE_EPOCH
    unset CI FORCE_COLOR # compilers colour their words then
    cd "${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}" || return 1
    STORE=$HOME/.wasme/store
    export STORE
}

setup() {
    scratch
}

# A private folder in memory, where tokens are kept: sets RUNTIME.
make_runtime_dir() {
    local shm=/dev/shm
    [[ $(stat -f -c %T $shm 2>/dev/null) == tmpfs && -w $shm ]] || skip "there is no $shm in memory"
    RUNTIME=$(mktemp -d "$shm/wasme-test.XXXXXX")
    export XDG_RUNTIME_DIR=$RUNTIME
}

teardown() {
    stop_all
    [[ ! ${RUNTIME:-} ]] || rm -rf "$RUNTIME"
}

teardown_file() {
    BATS_TEST_TMPDIR='' stop_all
}

# Skips the test when a program is missing: skip_unless skopeo jq. bats cannot skip in setup_file;
# scratch then skips every test of the file.
skip_unless() {
    local program
    for program; do
        command -v "$program" >/dev/null && continue
        [[ ! ${BATS_TEST_NUMBER:-} ]] || skip "$program is not installed"
        export SKIP_FILE="$program is not installed"
    done
}

# A sanitized build is slower and larger, so bounds of time and memory hold for the plain build
# only.
is_sanitized() {
    [[ ${SANITIZE:-} ]]
}

# Programs that are not in the PATH of every user, and the programs that unpack-peers.sh unpacks.
PATH=$PATH:/usr/sbin:${WASME_PEERS:-$ROOT/build/peers/usr/bin}

# --- Running wasme, and its output ---

# Sets $status, $output (stdout) and $stderr. wasme reads the standard input of the call.
try() {
    run --separate-stderr -- "$WASME" "$@"
    ran="wasme $*"
}

# The same for any program.
try_command() {
    run --separate-stderr -- "$@"
    ran="$*"
}

complain() {
    printf '%s\n' "$@" "ran: ${ran:-nothing}" "status: ${status:-}" "--- stdout" "${output:-}" \
        "--- stderr" "${stderr:-}" "---"
    return 1
}

assert_status() {
    [[ $status -eq $1 ]] || complain "expected status $1"
}

assert_output() {
    [[ $output == "$1" ]] || complain "expected on stdout:" "$1"
}

assert_output_contains() {
    [[ $output == *"$1"* ]] || complain "expected in stdout: $1"
}

assert_output_matches() {
    grep -Eq -- "$1" <<<"$output" || complain "expected a line of stdout to match: $1"
}

refute_output_contains() {
    [[ $output != *"$1"* ]] || complain "not expected in stdout: $1"
}

assert_stderr_contains() {
    [[ $stderr == *"$1"* ]] || complain "expected in stderr: $1"
}

assert_stderr_matches() {
    grep -Eq -- "$1" <<<"$stderr" || complain "expected a line of stderr to match: $1"
}

refute_stderr_contains() {
    [[ $stderr != *"$1"* ]] || complain "not expected in stderr: $1"
}

assert_no_stderr() {
    [[ -z $stderr ]] || complain "expected nothing on stderr"
}

assert_line_count() {
    local count
    count=$(grep -c '' <<<"$output")
    [[ $output ]] || count=0
    [[ $count -eq $1 ]] || complain "expected $1 lines on stdout, got $count"
}

# A jq filter over stdout, and the expected result.
assert_json() {
    local got
    got=$(jq -r "$1" <<<"$output") || complain "stdout is not JSON for $1" || return 1
    [[ $got == "$2" ]] || complain "expected $1 to be: $2" "got: $got"
}

assert_equal() {
    [[ $1 == "$2" ]] || {
        printf '%s\n' "${3:-expected the same}" "  got:      $1" "  expected: $2"
        return 1
    }
}

assert_same_file() {
    cmp "$1" "$2"
}

assert_exists() {
    [[ -e $1 ]] || {
        echo "expected to exist: $1"
        return 1
    }
}

refute_exists() {
    [[ ! -e $1 ]] || {
        echo "expected not to exist: $1"
        return 1
    }
}

assert_file_size() {
    assert_equal "$(stat -c %s "$1")" "$2" "size of $1"
}

# Waits up to $1 seconds for a command to succeed.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS <= deadline)) || {
            echo "waited in vain for: $*"
            return 1
        }
        sleep 0.05
    done
}

# --- Digests and the store ---

sha256_of() {
    sha256sum "$1" | cut -d' ' -f1
}

# The folder of a full reference in the store (STORE, or the second argument).
image_dir() {
    echo "${2:-$STORE}/$(printf %s "$1" | md5sum | cut -d' ' -f1)"
}

# The names in the store's folder that are neither images nor the lock.
store_leftovers() {
    find "${1:-$STORE}" -mindepth 1 -maxdepth 1 ! -name .lock |
        grep -vE '/[0-9a-f]{32}$' || true
}

# --- Modules ---

put_bytes() {
    local byte
    for byte; do printf '%b' "\\x$byte"; done
}

put_number() { # as one byte
    put_bytes "$(printf '%02x' "$1")"
}

put_text() { # length (below 128) and bytes
    put_number "${#1}"
    printf %s "$1"
}

# make_wasm FILE [ABI [BYTES [SEED]]]: a module that a proxy loads, with the exports memory, malloc and
# proxy_abi_version_<ABI> (0_2_1; "none": no such export). BYTES, at least 110, is the exact size of the file, reached by a custom
# section that repeats SEED; with "random" the content is new each time.
make_wasm() {
    local file=$1 abi=${2:-0_2_1} bytes=${3:-0} seed=${4:-padding} name padding
    name=proxy_abi_version_$abi
    [[ $abi != none ]] || name=filter_main
    {
        put_bytes 00 61 73 6d 01 00 00 00
        put_bytes 01 09 02 60 00 00 60 01 7f 01 7f # types: () -> (), (i32) -> i32
        put_bytes 03 03 02 00 01                   # functions: one of each
        put_bytes 05 03 01 00 01                   # a memory of a page
        put_bytes 07
        put_number $((${#name} + 22))
        put_bytes 03
        put_text memory
        put_bytes 02 00
        put_text "$name"
        put_bytes 00 00
        put_text malloc
        put_bytes 00 01
        put_bytes 0a 09 02 02 00 0b 04 00 41 00 0b # code: nothing, and a constant
    } >"$file"
    [[ $bytes -gt 0 ]] || return 0
    padding=$((bytes - $(stat -c %s "$file") - 14))
    ((padding >= 0)) || {
        echo "make_wasm: $bytes bytes are too few"
        return 1
    }
    {
        put_bytes 00
        put_wide_number $((padding + 8))
        put_text padding
        pad "$padding" "$seed"
    } >>"$file"
    assert_file_size "$file" "$bytes"
}

# make_module FILE ITEM...: a module of the items that make_module.py lists.
make_module() {
    python3 "$ROOT/tests/cli/make_module.py" "$@"
}

put_wide_number() { # LEB128 in five bytes, whatever the number
    local n=$1 i
    for i in 1 2 3 4; do
        put_number $((n & 127 | 128))
        n=$((n >> 7))
    done
    put_number "$n"
}

pad() {
    case $2 in
    random) head -c "$1" /dev/urandom ;;
    *) yes "$2" | head -c "$1" ;;
    esac
}

# make_root_config FILE ROOT_ID...: a runtime config.
make_root_config() {
    local file=$1
    shift
    jq -n '{type: "envoy_proxy", abiVersions: ["v0.2.1"], config: {rootIds: $ARGS.positional}}' --args "$@" >"$file"
}

# The runtime config of the golden facts: 126 bytes.
golden_config() {
    printf %s '{"type":"envoy_proxy","abiVersions":["v0-4689a30309abf31aee9ae36e73d34b1bb182685f","v0.2.1"],"config":{"rootIds":["root_id"]}}' >"$1"
}

# The eight bytes of an empty module.
golden_wasm() {
    printf '\0asm\1\0\0\0' >"$1"
}

# add_image REF [BYTES [SEED]]: builds a precompiled module into the store.
add_image() {
    local file
    file=$(mktemp "$BATS_TEST_TMPDIR/module.XXXXXX.wasm")
    make_wasm "$file" 0_2_1 "${2:-200}" "${3:-padding}"
    "$WASME" build precompiled "$file" -t "$1" >/dev/null 2>&1
}

# --- Programs in the background ---

# install_into FOLDER: what was built is installed there. WASME is a copy in another folder, where
# make would build all anew, over the program that the tests are running.
install_into() {
    try_command make -s -C "$ROOT" install DESTDIR="$1" PREFIX=/usr \
        BUILD="${BUILD:-$ROOT/build/gcc}" CC="${CC:-gcc}" SANITIZE="${SANITIZE:-}"
    assert_status 0
}

background_dir() {
    local dir=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/background
    mkdir -p "$dir"
    echo "$dir"
}

# in_background NAME COMMAND...: sets BACKGROUND_PID; output goes to $BACKGROUND_LOG (stdout) and
# $BACKGROUND_LOG.err.
in_background() {
    local name=$1 dir
    shift
    dir=$(background_dir)
    BACKGROUND_LOG=$(mktemp "$dir/$name.XXXXXX")
    "$@" >"$BACKGROUND_LOG" 2>"$BACKGROUND_LOG.err" </dev/null 3>&- 4>&- &
    BACKGROUND_PID=$!
    echo "$BACKGROUND_PID" >>"$dir/pids"
}

# Stops a program that in_background started, and waits for its end.
stop_background() {
    local pid=$1
    kill -TERM "$pid" 2>/dev/null || return 0
    for _ in {1..100}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
}

# start_fake NAME LOG ARGUMENT...: tests/fake/NAME.py, which writes its requests to LOG. Sets FAKE
# to the words of its port file (the port is the first), and FAKE_PID.
start_fake() {
    local name=$1 log=$2
    shift 2
    skip_unless python3
    : >"$log"
    rm -f "$log.port"
    in_background "$name" python3 "$ROOT/tests/fake/$name.py" --port-file "$log.port" --log "$log" "$@"
    FAKE_PID=$BACKGROUND_PID
    wait_until 10 test -s "$log.port"
    read -ra FAKE <"$log.port"
}

stop_all() {
    local dir=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/background pid
    if [[ ! ${BATS_TEST_COMPLETED:-} && ${BATS_TEST_TMPDIR:-} ]]; then
        keep_logs "$dir" "$BATS_FILE_TMPDIR/background"
    fi
    [[ -e $dir/pids ]] || return 0
    while read -r pid; do
        stop_background "$pid"
    done <"$dir/pids"
    rm "$dir/pids"
    ! grep -rI 'runtime error: ' "$dir" # of a sanitizer, in a server's log; modules may hold it too
}

# After a failure: prints the last lines of each log, and copies the logs to the folder
# WASME_TESTS_KEPT.
keep_logs() {
    local log
    find "$@" -maxdepth 1 -type f -size +0 ! -name pids 2>/dev/null | sort | while read -r log; do
        echo "--- the end of $(basename "$log")"
        tail -n 15 "$log"
        [[ ${WASME_TESTS_KEPT:-} ]] || continue
        mkdir -p "$WASME_TESTS_KEPT"
        cp "$log" "$WASME_TESTS_KEPT/$(basename "$BATS_TEST_FILENAME")-$BATS_TEST_NUMBER-$(basename "$log")"
    done
}

# --- Registries ---

# start_registry plain|basic|tls|token: starts a docker-registry and waits until it listens. Sets
# and exports
#   REGISTRY       127.0.0.1:PORT, or the address in REGISTRY_ADDRESS (with port 0)
#   REGISTRY_LOG   its access log on stdout; $REGISTRY_LOG.err has its other output
#   REGISTRY_DATA  the folder of its storage
#   REGISTRY_URL   the same address with http:// or https://
#   TOKEN_LOG      for token: the log of the token server (tests/fake/token_server.py), which gets
#                  the other arguments
#   REGISTRY_USER, REGISTRY_PASSWORD for basic and token; CA_FILE for tls
start_registry() {
    local kind=$1 dir
    shift
    skip_unless docker-registry curl
    [[ $kind != basic ]] || skip_unless htpasswd
    [[ $kind != tls && $kind != token ]] || skip_unless openssl
    [[ $kind != token ]] || skip_unless python3
    [[ ! ${SKIP_FILE:-} ]] || return 0
    dir=$(mktemp -d "$(background_dir)/data-$kind.XXXXXX")
    REGISTRY_DATA=$dir/data
    [[ $kind != token ]] || start_token_server "$dir" "$@"
    registry_config "$kind" "$dir" >"$dir/config.yml"
    serve_registry "$dir/config.yml"
    REGISTRY=$(sed -nE 's/.*listening on ([][0-9a-f.:]+[0-9]).*/\1/p' "$REGISTRY_LOG.err" | head -n 1)
    REGISTRY_URL=http://$REGISTRY
    [[ $kind != tls ]] || REGISTRY_URL=https://$REGISTRY CA_FILE=$dir/ca.pem
    [[ $kind != token ]] || export TOKEN_LOG TOKEN_PORT
    export REGISTRY REGISTRY_URL REGISTRY_DATA CA_FILE
}

serve_registry() { # CONFIG
    # The registry would read REGISTRY_* variables as settings.
    in_background registry env -i PATH="$PATH" docker-registry serve "$1"
    export REGISTRY_LOG=$BACKGROUND_LOG REGISTRY_PID=$BACKGROUND_PID
    wait_until 20 grep -q 'listening on' "$REGISTRY_LOG.err" || {
        cat "$REGISTRY_LOG.err"
        return 1
    }
}

# start_registries KIND...: a registry of each kind; for the kind basic, sets BASIC, BASIC_DATA and
# BASIC_LOG.
start_registries() {
    local kind
    for kind; do
        start_registry "$kind"
        export "${kind^^}=$REGISTRY" "${kind^^}_DATA=$REGISTRY_DATA" "${kind^^}_LOG=$REGISTRY_LOG"
    done
}

# Starts a killed registry again, with the same port and data and a new REGISTRY_LOG.
restart_registry() {
    local config=${REGISTRY_DATA%/data}/config.yml
    sed -i "s/^  addr: .*/  addr: '$REGISTRY'/" "$config"
    serve_registry "$config"
}

registry_config() {
    local kind=$1 dir=$2
    cat <<END
version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: $dir/data
  delete:
    enabled: true
validation:
  manifests:
    urls:
      allow:
        - ^https://
http:
  addr: '${REGISTRY_ADDRESS:-127.0.0.1:0}'
  secret: only-for-tests
END
    case $kind in
    plain) ;;
    basic)
        set_registry_user
        htpasswd -bnB "$REGISTRY_USER" "$REGISTRY_PASSWORD" >"$dir/htpasswd"
        printf 'auth:\n  htpasswd:\n    realm: tests\n    path: %s\n' "$dir/htpasswd"
        ;;
    token)
        cat <<END
auth:
  token:
    realm: http://127.0.0.1:$TOKEN_PORT/token
    service: registry
    issuer: wasme-tests
    rootcertbundle: $dir/token.pem
END
        ;;
    tls)
        make_certificates "$dir" >&2
        printf '  tls:\n    certificate: %s\n    key: %s\n' "$dir/server.pem" "$dir/server.key"
        ;;
    *) echo "start_registry: no kind $kind" >&2 && return 1 ;;
    esac
}

set_registry_user() {
    export REGISTRY_USER=tester REGISTRY_PASSWORD='s3cret: wörd'
}

# start_token_server DIR ARGUMENT...: sets TOKEN_PORT and TOKEN_LOG; DIR/token.pem verifies its
# tokens.
start_token_server() {
    local dir=$1
    shift
    set_registry_user
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=wasme token server" \
        -keyout "$dir/token.key" -out "$dir/token.pem" >"$dir/openssl.log" 2>&1
    TOKEN_LOG=$dir/tokens
    start_fake token_server "$TOKEN_LOG" --key "$dir/token.key" --certificate "$dir/token.pem" \
        --user "$REGISTRY_USER" --password "$REGISTRY_PASSWORD" "$@"
    TOKEN_PORT=${FAKE[0]}
}

# A certificate authority of one day (ca.pem) and a certificate of this machine's names and of
# registry.test, which only a proxy knows.
make_certificates() {
    local dir=$1
    (
        cd "$dir" || exit 1
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
            -subj "/CN=wasme test CA" -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
            -keyout server.key -out server.csr
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile <(echo "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:registry.test") \
            -out server.pem
    ) >"$dir/openssl.log" 2>&1 || {
        cat "$dir/openssl.log"
        return 1
    }
}

# How many requests the registry answered since the mark: registry_mark; ...; count_requests PUT
registry_mark() {
    REGISTRY_MARK=$(grep -c '' "$REGISTRY_LOG" || true)
}

# The registry writes the line of a request after the answer. One more request, and the wait for its
# line, make sure that all lines before are written.
count_requests() {
    local marker=/v2/marker-$RANDOM$RANDOM
    curl -sk -o /dev/null "$REGISTRY_URL$marker" || true
    wait_until 5 grep -q "$marker" "$REGISTRY_LOG"
    tail -n +$((REGISTRY_MARK + 1)) "$REGISTRY_LOG" | grep -v /v2/marker- |
        grep -cE "\"($1)" || true
}

# --- nginx in front of a registry ---

# start_nginx <<END: an nginx with these servers. In them @PORT@ is a free port, @REGISTRY_URL@ the
# registry's address, @DIR@ the folder of its files. Sets and exports
#   NGINX       127.0.0.1:PORT, if a server listens there
#   NGINX_LOG   a line for each request when it has ended; see the log_format
#   NGINX_PID   the master process, which starts a new worker when one is killed
start_nginx() {
    local dir servers port
    skip_unless nginx
    dir=$(mktemp -d "$(background_dir)/nginx.XXXXXX")
    servers=$(cat)
    for _ in {1..20}; do
        port=$((RANDOM % 12000 + 20000)) # below those that systems hand out by themselves
        nginx_config "$dir" "$servers" | sed -e "s|@PORT@|$port|g" -e "s|@DIR@|$dir|g" \
            -e "s|@REGISTRY_URL@|${REGISTRY_URL:-http://127.0.0.1:1}|g" >"$dir/nginx.conf"
        in_background nginx nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log"
        NGINX_PID=$BACKGROUND_PID NGINX_LOG=$dir/access.log NGINX=127.0.0.1:$port
        wait_until 10 nginx_is_settled "$dir"
        [[ ! -s $dir/pid ]] || break
    done
    [[ -s $dir/pid ]] || {
        cat "$dir/error.log"
        return 1
    }
    export NGINX NGINX_LOG NGINX_PID
}

# settle_log ADDRESS LOG: nginx writes the line of a request after the answer. It has written all of
# them when the line of a later request is there: one for /settled-NUMBER, in plain http.
settle_log() {
    local mark=/settled-$RANDOM$RANDOM connection
    exec {connection}<>"/dev/tcp/${1/://}"
    printf 'GET %s HTTP/1.0\r\n\r\n' "$mark" >&"$connection"
    cat <&"$connection" >/dev/null || true
    exec {connection}>&-
    wait_until 10 grep -q "$mark" "$2"
}

nginx_is_settled() { # it listens, or has given up
    [[ -s $1/pid ]] && pgrep -P "$NGINX_PID" >/dev/null || ! kill -0 "$NGINX_PID"
}

nginx_config() {
    local dir=$1 servers=$2
    [[ $(id -u) != 0 ]] || echo "user root;"
    cat <<END
daemon off;
worker_processes 1;
pid $dir/pid;
events { worker_connections 200; }
http {
    log_format wasme '\$server_addr \$connection \$request_method \$uri \$status'
        ' \$body_bytes_sent range=\$http_range auth=\$http_authorization';
    access_log $dir/access.log wasme;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_set_header Connection '';
    proxy_set_header Host \$http_host;
    proxy_request_buffering off;
    $servers
}
END
}

# Kills the worker, and with it all connections in the middle of a transfer; the master continues.
cut_nginx() {
    pkill -KILL -P "$NGINX_PID"
}

# Counts the lines of the log that match; nginx writes a line after the answer.
count_nginx() {
    sleep 0.1
    grep -cE -- "$1" "$NGINX_LOG" || true
}

# --- wasme serve ---

# start_serve [ARGUMENT...]: `wasme serve` on a free port of 127.0.0.1. Sets SERVE_PID, SERVE_URL
# and SERVE_LOG (stdout; $SERVE_LOG.err has the log lines).
start_serve() {
    # A shell lets programs in the background ignore SIGINT, and wasme keeps an ignored signal
    # ignored.
    in_background serve env --default-signal=INT "$WASME" serve --bind 127.0.0.1 -p 0 "$@"
    SERVE_PID=$BACKGROUND_PID SERVE_LOG=$BACKGROUND_LOG
    wait_until 10 grep -q 'CTRL-C' "$SERVE_LOG" || {
        cat "$SERVE_LOG" "$SERVE_LOG.err"
        return 1
    }
    SERVE_URL=$(grep -oE 'https?://127\.0\.0\.1:[0-9]+' "$SERVE_LOG" | head -n 1)
    export SERVE_PID SERVE_LOG SERVE_URL
}

# --- A scripted Harbor ---

# start_harbor SCENARIO: starts tests/fake/harbor.py; sets HARBOR (127.0.0.1:PORT), HARBOR_LOG (its
# requests), HARBOR_USER and HARBOR_PASSWORD.
start_harbor() {
    HARBOR_LOG=$(mktemp -d "$(background_dir)/harbor.XXXXXX")/requests
    HARBOR_USER='robot$base+ci' HARBOR_PASSWORD=s3cret
    start_fake harbor "$HARBOR_LOG" --scenario "$1" --user "$HARBOR_USER" --password "$HARBOR_PASSWORD"
    HARBOR=127.0.0.1:${FAKE[0]}
}

# Runs wasme with the login of the Harbor.
try_harbor() {
    try "$@" -u "$HARBOR_USER" --password-stdin <<<"$HARBOR_PASSWORD"
}

harbor_requests() {
    grep -c -- "$1" "$HARBOR_LOG" || true
}

# A sanitizer must be loaded before the recorder, so a sanitized run records the plain program.
recorded_program() {
    is_sanitized || return 0
    [[ -x $ROOT/build/gcc/wasme ]] || skip "a sanitizer wants to be loaded before the recorder"
    export WASME=$ROOT/build/gcc/wasme
}
