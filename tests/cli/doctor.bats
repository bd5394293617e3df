#!/usr/bin/env bats
# The findings of doctor on this machine, at good registries and at bad ones.

load helper

setup_file() {
    scratch
    start_registries plain basic tls
}

setup() {
    scratch
    DIR=$BATS_TEST_TMPDIR
    mkdir "$DIR/bin"
}

# line MARK CHECK WORDS: the line of the check has this mark and these words.
line() {
    local found
    found=$(grep -E "^$(printf '%-4s' "$1")  $2 " <<<"$output") || complain "no line: $1 $2"
    [[ $found == *"$3"* ]] || complain "expected in the line of $2: $3"
}

# fix CHECK WORDS: the fix under the line of the check has these words.
fix() {
    local found
    found=$(grep -A1 -E "^.{6}$1 " <<<"$output" | sed -n 's/^      fix: //p')
    [[ $found == "$2" ]] || complain "expected as the fix of $1: $2" "got: $found"
}

checks() {
    jq -r '.[] | select(.status == "'"$1"'") | .check' <<<"$output" | tr '\n' ' '
}

as_tester() {
    try doctor "$@" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
}

# PATH has only the program under test and the substitutes for tools.
with_tools() {
    try_command env -u WASI_SDK_PATH PATH="$DIR/bin" "$WASME" doctor "$@"
}

tool() {
    printf '#!/bin/sh\n%s\n' "$2" >"$DIR/bin/$1"
    chmod +x "$DIR/bin/$1"
}

# --- This machine ---

@test "machine: without any toolchain" {
    with_tools
    assert_status 0
    line - tinygo "tinygo: not found in PATH"
    fix tinygo "get it from https://tinygo.org/getting-started/install/, or, unless the SDK is that of tetratelabs, build with \`wasme build go\` and Go 1.24 or later"
    line - go "go: not found in PATH"
    fix go "get Go 1.24 or later from https://go.dev/dl/"
    line - rust "cargo: not found in PATH"
    line - assemblyscript "node: not found in PATH"
    line - c "clang: not found in PATH"
    line warn build "only \`wasme build precompiled\` works"
    line ok store "$STORE, made by the first build or pull"
    line ok space " free"
    line ok libcurl "libcurl/"
    line ok libarchive "loaded"
    line ok zlib "loaded"
    line ok libyaml "loaded"
    line ok pcre2 "loaded"
    line ok libgit2 "loaded"
    line - wasm-opt "wasm-opt: not found in PATH: install the package binaryen, or build without --optimize"
    line - container "neither docker nor podman is in PATH: get one from "
    assert_no_stderr
}

@test "machine: versions, paths and known-bad ones" {
    ln -s "$ROOT/tests/fake/tinygo" "$DIR/bin/tinygo"
    tool go 'echo go version go1.22.3 linux/amd64'
    tool cargo 'echo "cargo 1.70.0 (ec8a8a0ca 2023-04-25)"'
    tool rustc 'case $* in *target-list*) echo wasm32-wasi ;; *) echo /nonexistent ;; esac'
    tool node 'echo v20.11.1'
    tool clang 'echo "clang version 14.0.6"'
    tool wasm-opt 'echo "wasm-opt version 108"'
    tool podman 'echo "podman version 4.3.1"'
    export FAKE_TINYGO_VERSION=0.35.0 FAKE_TINYGO_GO=1.24.1
    with_tools
    assert_status 1
    line FAIL tinygo "TinyGo 0.35.0 with Go 1.24.1, $DIR/bin/tinygo: TinyGo 0.35 refuses Go 1.24"
    fix tinygo "\`GOTOOLCHAIN=go1.23.12 wasme build tinygo ...\` is the quick fix; else install TinyGo 0.36 or later, or put Go 1.23 first in PATH"
    line warn go "Go 1.22.3, $DIR/bin/go: builds no filters by itself"
    fix go "get Go 1.24 or later from https://go.dev/dl/, or build with TinyGo"
    line warn rust "cargo 1.70.0, $DIR/bin/cargo: this Rust has no standard library for WebAssembly"
    fix rust "\`rustup target add wasm32-wasi\`, or with Debian's Rust \`apt install libstd-rust-dev-wasm32\`"
    line warn assemblyscript "Node.js 20.11.1, $DIR/bin/node, without npm"
    line ok wasm-opt "wasm-opt 108"
    line ok container "podman"
    line warn c "clang 14.0.6, $DIR/bin/clang: clang 14 has no C library for wasm32-wasi"
    fix c "\`apt install wasi-libc\`, or get a wasi-sdk from https://github.com/WebAssembly/wasi-sdk and set WASI_SDK_PATH"
    assert_stderr_contains "doctor: 1 of "

    export FAKE_TINYGO_VERSION=0.35.0 FAKE_TINYGO_GO=1.23.1
    with_tools
    assert_status 0
    line warn tinygo "TinyGo 0.35 ends the module when main returns"
    fix tinygo "install TinyGo 0.36 or later, or initialise in func init() and leave main empty"

    export FAKE_TINYGO_VERSION=0.31.2 FAKE_TINYGO_GO=1.22.3
    mkdir -p "$DIR/lib"
    touch "$DIR/lib/libstd-1.rlib"
    tool rustc "case \$* in *target-list*) echo wasm32-wasi ;; *) echo $DIR/lib ;; esac"
    tool go 'echo go version go1.24.0 linux/amd64'
    tool npm ''
    with_tools
    assert_status 0
    line ok tinygo "TinyGo 0.31.2 with Go 1.22.3"
    line ok go "Go 1.24.0"
    line ok rust "builds for wasm32-wasi"
    line ok assemblyscript "Node.js 20.11.1"
    refute_output_contains "warn  build"
}

@test "machine: a wasi-sdk where WASI_SDK_PATH says, and a tool that does not run" {
    mkdir -p "$DIR/sdk/bin"
    tool clang 'case $* in *wasip1*) echo "$0" ;; *) echo "clang version 17.0.1" ;; esac'
    mv "$DIR/bin/clang" "$DIR/sdk/bin/clang"
    tool node 'exit 3'
    try_command env PATH="$DIR/bin" WASI_SDK_PATH="$DIR/sdk" "$WASME" doctor
    line ok c "clang 17.0.1, $DIR/sdk/bin/clang, for wasm32-wasip1"
    line warn assemblyscript "ended with status 3"
}

@test "machine: images, damaged ones, and a store that is no folder" {
    add_image a:v1
    add_image b:v1
    with_tools
    line ok images "2"
    echo "{" >"$(image_dir docker.io/library/a:v1)/descriptor.json"
    with_tools
    assert_status 0
    line warn images "1, and 1 damaged: skipping an image: $(image_dir docker.io/library/a:v1)"
    fix images "remove the folder, and build or pull the image again"
    echo text >"$DIR/file"
    with_tools --store "$DIR/file/store"
    assert_status 1
    line FAIL store "open the store $DIR/file/store: Not a directory"
    fix store "make it a folder that you may write to, or name another with --store or WASME_HOME"
}

@test "machine: a store that may not be written to" {
    skip_unless setpriv
    local -a as=()
    [[ $(id -u) -ne 0 ]] || as=(setpriv --bounding-set=-dac_override) # root may write anywhere
    mkdir -m 555 "$DIR/locked"
    try_command "${as[@]}" "$WASME" doctor --store "$DIR/locked/store"
    assert_status 1
    line FAIL store "$DIR/locked: Permission denied"
}

@test "machine: libraries that cannot be loaded" {
    mkdir "$DIR/lib"
    libgit2=$(grep -aom 1 'libgit2\.so\.[0-9.]*' "$WASME" | head -n 1)
    echo "no library" | tee "$DIR/lib/libcurl.so.4" "$DIR/lib/libz.so.1" "$DIR/lib/$libgit2" \
        "$DIR/lib/libyaml-0.so.2" "$DIR/lib/libpcre2-8.so.0" >"$DIR/lib/libarchive.so.13"
    try_command env PATH="$DIR/bin" LD_LIBRARY_PATH="$DIR/lib" "$WASME" doctor
    assert_status 1
    line FAIL libcurl "load libcurl.so.4: "
    fix libcurl "install libcurl4: push and pull need it"
    line FAIL libarchive "libarchive.so.13"
    fix libarchive "install libarchive13: images with archives in them need it"
    line FAIL zlib "load libz.so.1: "
    fix zlib "install zlib1g: \`wasme check\` needs it for layers that are tar+gzip"
    line FAIL libyaml "load libyaml-0.so.2: "
    fix libyaml "install libyaml-0-2: \`wasme deploy\` and \`wasme run\` need it"
    line FAIL pcre2 "load libpcre2-8.so.0: "
    fix pcre2 "install libpcre2-8-0: \`wasme run --test\` needs it for regular expressions"
    line FAIL libgit2 "load $libgit2: "
    fix libgit2 "install the libgit2 that is named above: sources from git need it"
}

@test "output: --json has the same checks, and no colours but on a terminal" {
    skip_unless jq script
    with_tools
    local count
    count=$(grep -c '^[^ ]' <<<"$output")
    with_tools --json
    assert_status 0
    assert_line_count 1
    assert_equal "$(jq length <<<"$output")" "$count"
    assert_equal "$(checks absent)" "tinygo go rust assemblyscript c wasm-opt container "
    assert_equal "$(jq -r '.[] | select(.check == "go") | .fix' <<<"$output")" \
        "get Go 1.24 or later from https://go.dev/dl/"
    local shown
    shown=$(script -qec "$WASME doctor" /dev/null)
    [[ $shown == *$'\e[32mok'* ]]
    shown=$(NO_COLOR=1 script -qec "$WASME doctor" /dev/null)
    [[ $shown != *$'\e['* ]]
}

@test "machine: what a tool says of itself stands in the report, and nowhere else" {
    tool cargo 'echo "error: no default toolchain is configured" >&2; echo "help: more" >&2; exit 1'
    tool go 'echo "go: downloading go1.25.10" >&2; echo go version go1.25.10 linux/amd64'
    with_tools
    line warn rust "cargo --version ended with status 1: error: no default toolchain is configured"
    line ok go "Go 1.25.10"
    assert_no_stderr
}

# --- A registry ---

@test "registry: without a login" {
    try doctor "$PLAIN"
    assert_status 0
    line ok name "$PLAIN: 127.0.0.1 (IPv4)"
    line ok connection "127.0.0.1 port ${PLAIN#*:}"
    line ok tls "none: plain http on this machine"
    line ok /v2/ "status 200"
    line ok challenge "none: no login is asked for"
    line ok credentials "none for $PLAIN"
    line ok login "none needed"
    line - read "skipped: needs a repository, as in $PLAIN/NAME"
    line - push "skipped: needs a repository"
    line ok clock " seconds from the registry's"
    assert_no_stderr
}

# No upload session is left. After a cancelled upload, the registry (2.8.2) writes the state of the
# hash once more, but the files that would make this a session are gone.
assert_no_upload() {
    local upload
    assert_equal "$(find "$PLAIN_DATA" -path '*/_uploads/*' -type f ! -path '*/hashstates/*')" ""
    upload=$(grep -oE '"DELETE /v2/[^ ]+ HTTP/1.1" 204' "$PLAIN_LOG" | tail -n 1 | cut -d' ' -f2)
    [[ $upload ]]
    assert_equal "$(curl -s -o /dev/null -w '%{http_code}' "http://$PLAIN$upload")" 404
}

@test "registry: reading and pushing are tried, and nothing stays" {
    local ref=$PLAIN/doctor/filter:v1
    try doctor "$ref"
    assert_status 0
    line warn read "404 Not Found"
    fix read "check the repository and the tag; the first push makes them"
    line ok push "an upload was begun, and cancelled"
    assert_no_upload
    assert_equal "$(curl -s "http://$PLAIN/v2/_catalog" | tr -d '\n')" '{"repositories":[]}'

    add_image "$ref"
    "$WASME" push "$ref" >/dev/null 2>&1
    try doctor "$ref"
    line ok read "the manifest of v1"
    try doctor "$PLAIN/doctor/filter"
    line ok read "the tags of doctor/filter"
    assert_no_upload
    [[ $(curl -s "http://$PLAIN/v2/_catalog") == *doctor/filter* ]]
    REGISTRY_LOG=$PLAIN_LOG REGISTRY_URL=http://$PLAIN
    registry_mark
    try doctor --no-push "$ref"
    assert_status 0
    line - push "skipped: --no-push"
    assert_equal "$(count_requests 'POST|DELETE')" 0
}

@test "registry: a good login, a bad one, and none" {
    as_tester "$BASIC/doctor/filter"
    assert_status 0
    line ok /v2/ "status 401"
    line ok challenge "Basic"
    line ok credentials "$REGISTRY_USER, from -u"
    line ok login "the registry takes it"
    line warn read "404"
    line ok push "an upload was begun, and cancelled"
    refute_output_contains "$REGISTRY_PASSWORD"

    try doctor "$BASIC/doctor/filter" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    line FAIL login "401 Unauthorized"
    fix login "check the user and the password from -u"
    line - read "skipped: needs a login"
    line - push "skipped: needs a login"
    line ok clock ""

    try doctor "$BASIC/doctor/filter"
    assert_status 1
    line FAIL credentials "none for $BASIC, which asks for a login"
    fix credentials 'log in with `wasme login`, or use -u USER with --password-stdin, or -c FILE'
    line - login "skipped: needs credentials"
}

@test "registry: the file that the credentials are from, and a broken one" {
    mkdir -p "$HOME/.wasme"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$BASIC" \
        "$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)" >"$HOME/.wasme/credentials.json"
    try doctor "$BASIC"
    assert_status 0
    line ok credentials "$REGISTRY_USER, from $HOME/.wasme/credentials.json"
    echo '{"auths":' >"$HOME/.wasme/credentials.json"
    try doctor "$BASIC"
    assert_status 1
    line FAIL credentials "$HOME/.wasme/credentials.json"
    fix credentials "mend or remove the file or helper that is named here"
    line - login "skipped: needs credentials that can be read"
}

@test "registry: one that is read-only" {
    skip_unless docker-registry
    mkdir "$DIR/readonly"
    {
        registry_config plain "$DIR/readonly" | sed '/enabled: true/q'
        printf '  maintenance:\n    readonly:\n      enabled: true\n'
        printf 'http:\n  addr: 127.0.0.1:0\n'
    } >"$DIR/readonly/config.yml"
    in_background readonly env -i PATH="$PATH" docker-registry serve "$DIR/readonly/config.yml"
    wait_until 20 grep -q 'listening on' "$BACKGROUND_LOG.err"
    local address
    address=$(sed -nE 's/.*listening on ([0-9.:]+).*/\1/p' "$BACKGROUND_LOG.err" | head -n 1)
    try doctor "$address/doctor/filter"
    assert_status 1
    line FAIL push "405 Method Not Allowed"
    fix push "the registry is read-only, a mirror or in maintenance: push to another one, or ask who runs it"
    assert_stderr_contains "doctor: 1 of 10 checks failed"
}

@test "registry: nothing listens, an unknown name, and words that name no registry" {
    try doctor 127.0.0.1:1/a/b
    assert_status 1
    line FAIL connection "127.0.0.1 port 1: Connection refused"
    fix connection "check the port, that the registry runs, and the firewalls on the way"
    line - tls "skipped: needs a connection"
    line - push "skipped: needs a connection"
    try doctor nothing.invalid
    assert_status 1
    line FAIL name "nothing.invalid: "
    fix name "check its spelling, and the name servers in /etc/resolv.conf; behind a proxy, set https_proxy"
    line - /v2/ "skipped: needs the registry's address"
    try doctor https://harbor.example
    assert_status 2
    assert_stderr_contains "name the registry without https://"
    try doctor "a b"
    assert_status 2
    assert_stderr_contains "not a registry (host[:port])"
    try doctor one two
    assert_status 2
}

# --- TLS ---

@test "tls: an authority that is trusted, one that is not, and --insecure" {
    try doctor "$TLS" --ca-file "$CA_FILE"
    assert_status 0
    assert_output_matches '^warn  tls +TLSv1\.[23], certificate by CN = wasme test CA, for 1 more days, verified$'
    fix tls "renew the registry's certificate"
    line ok /v2/ "status 200"
    try doctor "$TLS"
    assert_status 1
    line FAIL tls "the certificate by CN = wasme test CA is not trusted: "
    fix tls "name the certificate of its authority with --ca-file FILE, put it into ~/.docker/certs.d/HOST:PORT/ca.crt, or trust it blindly with --insecure"
    line - /v2/ "skipped: needs a verified certificate"
    try doctor "$TLS" --insecure
    assert_status 0
    line warn tls "not verified: --insecure"
    make_certificates "$DIR"
    try doctor "$TLS" --ca-file "$DIR/ca.pem"
    assert_status 1
    line FAIL tls "is not trusted, nor by $DIR/ca.pem: "
}

@test "tls: a certificate for other names" {
    try doctor "0.0.0.0:${TLS#*:}" --ca-file "$CA_FILE"
    assert_status 1
    line FAIL tls "the certificate is for IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, DNS:registry.test, not for 0.0.0.0:${TLS#*:}"
    fix tls "reach the registry by a name that its certificate has, or have one made for this name"
}

# tls_server BEGIN END: a TLS server whose certificate is valid between two dates; sets PORT.
tls_server() {
    skip_unless python3 openssl
    make_certificates "$DIR"
    (
        cd "$DIR" || exit 1
        mkdir -p ca && : >ca/index && echo 01 >ca/serial
        printf '[ca]\ndefault_ca=c\n[c]\ndir=ca\ndatabase=ca/index\nserial=ca/serial\nnew_certs_dir=ca\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n' >ca.conf
        openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in server.csr \
            -startdate "$1" -enddate "$2" -out server.pem -notext
    ) >"$DIR/openssl.log" 2>&1 || {
        cat "$DIR/openssl.log"
        return 1
    }
    in_background tls python3 -c '
import http.server, ssl, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
open("port", "w").write(str(server.server_port))
server.serve_forever()'
    wait_until 10 test -s port
    PORT=$(cat port)
}

@test "tls: a certificate that has expired" {
    tls_server 20200101000000Z 20210203000000Z
    try doctor "127.0.0.1:$PORT" --ca-file "$DIR/ca.pem"
    assert_status 1
    line FAIL tls "the certificate expired on 2021-02-03 (issued by CN = wasme test CA)"
    fix tls "renew the registry's certificate; until then --insecure trusts it blindly"
}

@test "tls: a certificate of the future; and a server that is no registry" {
    tls_server 20900101000000Z 20910203000000Z
    try doctor "127.0.0.1:$PORT" --ca-file "$DIR/ca.pem"
    assert_status 1
    line FAIL tls "the certificate is valid from 2090-01-01 on"
    fix tls "set this machine's clock"
    try doctor "127.0.0.1:$PORT" --insecure
    assert_status 1
    line FAIL /v2/ "404"
    fix /v2/ "check the host and the port: a registry answers 200 or 401 there"
    line - challenge "skipped: needs an answer to /v2/"
}

@test "tls: http and https mixed up" {
    try doctor --plain-http "$TLS"
    assert_status 1
    line FAIL /v2/ "$TLS does not speak plain http"
    fix /v2/ "leave out --plain-http"
    try doctor "0.0.0.0:${PLAIN#*:}"
    assert_status 1
    line FAIL tls "0.0.0.0:${PLAIN#*:} speaks plain http"
    fix tls "use --plain-http"
    try doctor --plain-http "0.0.0.0:${PLAIN#*:}"
    assert_status 0
    line warn tls "none: passwords can be read on the way"
}

# --- Servers that are no registries ---

peer() {
    start_fake peer requests --scenario "$@"
    PORT=${FAKE[0]}
}

# The answer to a HEAD has no message: Harbor answers 412 when a policy blocks the image.
@test "read: a refusal without words is asked for them" {
    skip_unless python3
    in_background kept python3 -c '
import http.server
class Peer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        words = b"{\"errors\":[{\"code\":\"PROJECTPOLICYVIOLATION\",\"message\":\"the image is not signed\"}]}"
        manifest = "/manifests/" in self.path
        self.send_response(412 if manifest else 200)
        self.send_header("Content-Length", str(len(words) if manifest else 0))
        self.end_headers()
        if manifest and self.command == "GET":
            self.wfile.write(words)
    do_HEAD = do_GET
server = http.server.HTTPServer(("127.0.0.1", 0), Peer)
open("port", "w").write(str(server.server_port))
server.serve_forever()'
    wait_until 10 test -s port
    try doctor --no-push "127.0.0.1:$(cat port)/a/b:v1"
    assert_status 1
    line FAIL read "412 Precondition Failed: the image is not signed (PROJECTPOLICYVIOLATION)"
}

@test "token: where it is from, for whom, and for what" {
    peer bearer --user u --password p
    try doctor "127.0.0.1:$PORT/fake/image:v1" -u u --password-stdin <<<p
    assert_status 0
    line ok challenge "Bearer, tokens from http://127.0.0.1:$PORT/"
    line ok token "as u, asked for repository:fake/image:pull,push"
    line ok read "the manifest of v1"
    try doctor "127.0.0.1:$PORT/fake/image:v1" -u u --password-stdin <<<wrong
    assert_status 1
    line FAIL token "401"
    fix token "check the user and the password from -u"
    line - read "skipped: needs a token"
    peer bearer-metadata --user u --password p
    try doctor "127.0.0.1:$PORT/fake/image:v1" -u u --password-stdin <<<p
    assert_status 1
    line FAIL token "refused"
}

# Harbor accepts the DELETE of an upload only from accounts that may remove artifacts, and says so
# at length.
@test "push: an upload that may not be cancelled is no trouble, and no long story" {
    skip_unless python3
    in_background uploads python3 -c '
import http.server
class Peer(http.server.BaseHTTPRequestHandler):
    def answer(self, status, words=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)
    def do_GET(self):
        self.answer(200, b"{}" if self.path == "/v2/" else b"{\"tags\":[]}")
    def do_POST(self):
        self.answer(202, Location="/v2/a/b/blobs/uploads/1")
    def do_DELETE(self):
        text = b"unauthorized to access repository: a/b, action: delete"
        self.answer(403, b"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"" + text + b"\"}]}")
server = http.server.HTTPServer(("127.0.0.1", 0), Peer)
open("port", "w").write(str(server.server_port))
server.serve_forever()'
    wait_until 10 test -s port
    try doctor "127.0.0.1:$(cat port)/a/b"
    assert_status 0
    line ok push "an upload was begun; it could not be cancelled (status 403), and the registry drops it by itself"
    refute_output_contains "unauthorized to access"
}

@test "challenge: none, and a malformed one; refusals of a push" {
    peer mute-401
    try doctor "127.0.0.1:$PORT"
    assert_status 1
    line FAIL challenge "401 without one"
    fix challenge "ask who runs the registry: a 401 must name Basic or Bearer in WWW-Authenticate"
    line - login "skipped: needs a challenge that wasme knows"
    peer bad-challenge
    try doctor "127.0.0.1:$PORT"
    assert_status 1
    fix challenge "ask who runs the registry: a 401 must name Basic or Bearer in WWW-Authenticate"
    peer denied
    try doctor "127.0.0.1:$PORT/fake/image:v1"
    assert_status 1
    line FAIL push "403"
    fix push 'log in with `wasme login`, or use -u USER with --password-stdin, or -c FILE'
}

# answer STATUS-LINE FIELD: a server that always sends the same answer; sets PORT.
answer() {
    skip_unless python3
    in_background answer python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(s.getsockname()[1]))
while True:
    c, _ = s.accept()
    c.recv(65536)
    c.sendall(("HTTP/1.1 %s\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % tuple(sys.argv[1:])).encode())
    c.close()' "$@"
    wait_until 10 test -s port
    PORT=$(cat port)
}

@test "clock: one that is far from the registry's" {
    answer "200 OK" "Date: Sun, 06 Nov 1994 08:49:37 GMT"
    try doctor "127.0.0.1:$PORT"
    assert_status 0
    assert_output_matches '^warn  clock +this machine.s is [0-9]{9,} seconds ahead of the registry.s$'
    fix clock "set the clock: certificates, and logins that carry the time, depend on it"
}

@test "/v2/: a redirect to https, and a registry that is busy" {
    answer "308 Permanent Redirect" "Location: https://harbor.example/v2/"
    try doctor "127.0.0.1:$PORT"
    assert_status 1
    line FAIL /v2/ "308 Permanent Redirect, to https://harbor.example/v2/"
    fix /v2/ "leave out --plain-http"
    rm port
    answer "503 Service Unavailable" "X: y"
    try doctor "127.0.0.1:$PORT"
    assert_status 1
    line FAIL /v2/ "503 Service Unavailable"
    fix /v2/ "try again later, or ask who runs the registry"
    line - clock "skipped: needs a Date in the answer"
}

@test "proxy: the one that is used is named without its login" {
    answer "200 OK" "X: y"
    unset no_proxy NO_PROXY
    http_proxy=http://me:hidden@127.0.0.1:$PORT try doctor --plain-http registry.invalid
    assert_status 0
    line ok name "registry.invalid: "
    assert_output_contains "the proxy looks it up"
    line ok connection "by the proxy of http_proxy, http://127.0.0.1:$PORT"
    refute_output_contains hidden
    HTTP_PROXY=http://me:hidden@127.0.0.1:$PORT try doctor --plain-http registry.invalid
    assert_status 0
    line ok connection "by the proxy of HTTP_PROXY, 127.0.0.1 port $PORT"
    refute_output_contains hidden
    http_proxy=http://127.0.0.1:1 try doctor --plain-http registry.invalid
    assert_status 1
    line FAIL connection "by the proxy of http_proxy, http://127.0.0.1:1: "
    fix connection "check the proxy, or add the registry to no_proxy when it can be reached without one"
    http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 try doctor "$PLAIN"
    assert_status 0
    line ok connection "127.0.0.1 port ${PLAIN#*:}"
}
