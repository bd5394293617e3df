#!/usr/bin/env bats
# wasme serve

load helper

setup() {
    scratch
    skip_unless curl python3
    mkdir site
    make_wasm site/filter.wasm 0_2_1 100000 random
}

# The entity tag of a file in a folder, from stat(2).
file_tag() {
    python3 -c 'import os, sys
s = os.stat(sys.argv[1])
print("\"%x-%x.%x-%x.%x-%x\"" % (s.st_size, *divmod(s.st_mtime_ns, 10**9), *divmod(s.st_ctime_ns, 10**9), s.st_ino))' "$1"
}

# Sets $output to the body's file name, $code, and the header lines in $headers.
fetch() {
    code=$(curl -s -o body -D headers.txt -w '%{http_code}' "$@")
    headers=$(tr -d '\r' <headers.txt)
}

header() {
    sed -nE "s/^$1: //Ip" <<<"$headers"
}

assert_code() {
    assert_equal "$code" "$1" "status of the response"
}

assert_stops_with() { # STATUS: the server has ended, or does so soon
    local status=0
    wait_until 10 not_running "$SERVE_PID"
    wait "$SERVE_PID" || status=$?
    assert_equal "$status" "$1" "exit status of serve"
}

not_running() {
    ! kill -0 "$1" 2>/dev/null
}

@test "serve: a folder, announced as in the transcript" {
    start_serve site
    assert_equal "$(sed -E 's/:[0-9]+$/:PORT/' "$SERVE_LOG")" "Starting up wasme, serving site
CORS: disabled
Available on:
  http://127.0.0.1:PORT
Hit CTRL-C to stop the server"
    fetch "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_same_file body site/filter.wasm
    assert_equal "$(header content-type)" application/wasm
    assert_equal "$(header content-length)" 100000
    assert_equal "$(header etag)" "$(file_tag site/filter.wasm)"
    [[ $(header cache-control) ]]
    [[ $(header last-modified) ]]
    [[ $(header date) ]]
    assert_equal "$(header accept-ranges)" bytes
    assert_equal "$(header access-control-allow-origin)" ""
}

@test "serve: all addresses by default, on port 8080" {
    in_background serve "$WASME" serve -p 0 site
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    grep -qE '^  http://127.0.0.1:[0-9]+$' "$BACKGROUND_LOG"
    try serve --help
    assert_output_contains "default 8080"
}

@test "serve: HEAD is GET without a body" {
    start_serve site
    fetch -I "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_equal "$(header content-length)" 100000
    assert_equal "$(header etag)" "$(file_tag site/filter.wasm)"
    fetch -I "$SERVE_URL/nowhere"
    assert_code 404
}

@test "serve: ranges" {
    start_serve site
    etag=$(file_tag site/filter.wasm)
    fetch -r 10-19 "$SERVE_URL/filter.wasm"
    assert_code 206
    assert_equal "$(header content-range)" "bytes 10-19/100000"
    assert_same_file body <(tail -c +11 site/filter.wasm | head -c 10)
    fetch -r -7 "$SERVE_URL/filter.wasm"
    assert_code 206
    assert_same_file body <(tail -c 7 site/filter.wasm)
    fetch -r 99990- "$SERVE_URL/filter.wasm"
    assert_code 206
    assert_equal "$(header content-length)" 10
    fetch -r 100000- "$SERVE_URL/filter.wasm"
    assert_code 416
    assert_equal "$(header content-range)" "bytes */100000"
    fetch -H "If-Range: \"other\"" -r 0-9 "$SERVE_URL/filter.wasm"
    assert_code 200
    fetch -H "If-Range: $etag" -r 0-9 "$SERVE_URL/filter.wasm"
    assert_code 206
}

@test "serve: If-None-Match, and what has changed" {
    start_serve site
    etag=$(file_tag site/filter.wasm)
    fetch -H "If-None-Match: $etag" "$SERVE_URL/filter.wasm"
    assert_code 304
    assert_equal "$(header etag)" "$etag"
    [[ ! -s body ]]
    fetch -H "If-None-Match: \"a\", W/$etag" "$SERVE_URL/filter.wasm"
    assert_code 304
    fetch -H 'If-None-Match: *' "$SERVE_URL/filter.wasm"
    assert_code 304
    make_wasm site/filter.wasm 0_2_1 100000 random
    fetch -H "If-None-Match: $etag" "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_equal "$(header etag)" "$(file_tag site/filter.wasm)"
    etag=$(header etag)
    assert_same_file body site/filter.wasm
    # An older time of modification, as after `cp -p` of an older build.
    make_wasm site/filter.wasm 0_2_1 100000 random
    touch -d 2020-01-01 site/filter.wasm
    fetch -H "If-None-Match: $etag" "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_same_file body site/filter.wasm
    # The same size and the same time of modification, as after `touch -r`.
    etag=$(header etag)
    make_wasm site/filter.wasm 0_2_1 100000 random
    touch -d 2020-01-01 site/filter.wasm
    fetch -H "If-None-Match: $etag" "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_same_file body site/filter.wasm
}

@test "serve: other methods, and what is not there" {
    start_serve site
    fetch -X POST -d x "$SERVE_URL/filter.wasm"
    assert_code 405
    [[ $(header allow) == *GET* ]]
    fetch -X DELETE "$SERVE_URL/filter.wasm"
    assert_code 405
    fetch "$SERVE_URL/nowhere.wasm"
    assert_code 404
    fetch "$SERVE_URL/filter.wasm/"
    assert_code 404
}

@test "serve: no way out of the folder" {
    echo secret >secret
    ln -s ../secret site/link
    mkdir site/.git
    echo secret >site/.git/config
    mkfifo site/fifo
    start_serve site
    for path in /../secret /%2e%2e/secret /..%2fsecret /a/../../secret //../secret /%2e%2e%2fsecret \
        /.git/config /%2egit/config /fifo "/filter.wasm%00.txt" /./../secret; do
        fetch --path-as-is -m 5 "$SERVE_URL$path"
        [[ $code == 40[0-9] || $code == 301 ]] || {
            echo "$path: $code"
            false
        }
        run ! grep -q secret body
    done
}

@test "serve: the listing" {
    mkdir "site/sub folder"
    echo hello >"site/sub folder/a&b.txt"
    echo hidden >site/.hidden
    : >'site/<b>"x".wasm'
    start_serve site
    fetch "$SERVE_URL/"
    assert_code 200
    [[ $(header content-type) == text/html* ]]
    grep -q 'filter.wasm' body
    grep -q '100.0 kB' body
    run ! grep -qF './.hidden' body
    run ! grep -qF '<b>"x"' body
    grep -q '&lt;b&gt;' body
    fetch "$SERVE_URL/sub%20folder"
    assert_code 301
    assert_equal "$(header location)" "/sub%20folder/"
    fetch "$SERVE_URL/sub%20folder/"
    grep -q 'a&amp;b.txt' body
    link=$(grep -oE 'href="[^"]*b.txt"' body | sed -E 's/href="(\.\/)?//; s/"$//; s/&amp;/\&/g')
    fetch "$SERVE_URL/sub%20folder/$link"
    assert_code 200
    assert_equal "$(cat body)" hello
}

@test "serve: --cors" {
    start_serve site --cors
    grep -q 'CORS: enabled' "$SERVE_LOG"
    fetch -H 'Origin: http://console.example' "$SERVE_URL/filter.wasm"
    assert_equal "$(header access-control-allow-origin)" "*"
    fetch -X OPTIONS -H 'Origin: http://console.example' -H 'Access-Control-Request-Method: GET' \
        "$SERVE_URL/filter.wasm"
    [[ $code == 200 || $code == 204 ]]
    assert_equal "$(header access-control-allow-origin)" "*"
    [[ $(header access-control-allow-methods) == *GET* ]]
}

@test "serve: the whole store, by every name" {
    add_image harbor.example/base/filter:v1 50000 random
    add_image plain:v2 40000 random
    dir=$(image_dir harbor.example/base/filter:v1)
    md5=$(basename "$dir") sha=$(sha256_of "$dir/filter.wasm")
    start_serve
    for path in "/$md5/filter.wasm" /harbor.example/base/filter:v1 "/$sha"; do
        fetch "$SERVE_URL$path"
        assert_code 200
        assert_same_file body "$dir/filter.wasm"
        assert_equal "$(header content-type)" application/wasm
        assert_equal "$(header etag)" "\"sha256:$sha\""
    done
    [[ $(header cache-control) == *immutable* ]]
    fetch "$SERVE_URL/plain:v2"
    assert_code 200
    assert_equal "$(header content-length)" 40000
    fetch "$SERVE_URL/$md5/runtime-config.json"
    assert_code 200
    assert_same_file body "$dir/runtime-config.json"
    fetch "$SERVE_URL/"
    grep -q harbor.example/base/filter:v1 body
    fetch -L "$SERVE_URL/$md5"
    assert_code 200
    grep -q filter.wasm body
    for path in "/${md5//[0-9]/0}/filter.wasm" "/$md5/nowhere" /harbor.example/base/filter:v9 \
        "/${sha//[0-9]/0}" /.lock /%00; do
        fetch "$SERVE_URL$path"
        [[ $code == 40[04] ]] || {
            echo "$path: $code"
            false
        }
    done
}

@test "serve: the store as it changes" {
    add_image a:v1 1000 one
    start_serve
    fetch "$SERVE_URL/a:v1"
    assert_same_file body "$(image_dir docker.io/library/a:v1)/filter.wasm"
    add_image a:v1 2000 two
    fetch "$SERVE_URL/a:v1"
    assert_same_file body "$(image_dir docker.io/library/a:v1)/filter.wasm"
    add_image b:v1 3000 three
    fetch "$SERVE_URL/b:v1"
    assert_code 200
    "$WASME" rm a:v1 2>/dev/null
    fetch "$SERVE_URL/a:v1"
    assert_code 404
}

@test "serve: an image, and one that is not there" {
    add_image a:v1 5000
    start_serve a:v1
    fetch "$SERVE_URL/filter.wasm"
    assert_code 200
    assert_same_file body "$(image_dir docker.io/library/a:v1)/filter.wasm"
    fetch "$SERVE_URL/"
    grep -q filter.wasm body
    try serve nowhere:v1
    assert_status 1
    assert_stderr_contains docker.io/library/nowhere:v1
}

@test "serve: wasm that was changed in the store is not served as what it was" {
    add_image a:v1 5000
    printf x | dd of="$(image_dir docker.io/library/a:v1)/filter.wasm" bs=1 seek=400 conv=notrunc \
        status=none
    start_serve
    fetch "$SERVE_URL/a:v1"
    assert_code 500
    grep -q damaged "$SERVE_LOG.err"
}

@test "serve: a port that is taken, an address that is not ours" {
    start_serve site
    try serve --bind 127.0.0.1 -p "${SERVE_URL##*:}" site
    assert_status 1
    assert_stderr_contains "${SERVE_URL##*:}"
    try serve --bind 192.0.2.1 -p 0 site
    assert_status 1
    assert_stderr_contains 192.0.2.1
    try serve --bind nonsense -p 0 site
    assert_status 1
    assert_stderr_contains nonsense
}

@test "serve: the access log, and --quiet" {
    start_serve site
    fetch -A 'tester/1' "$SERVE_URL/filter.wasm"
    fetch "$SERVE_URL/nowhere"
    wait_until 5 grep -q '/nowhere 404' "$SERVE_LOG.err"
    grep -qE 'GET /filter.wasm 200.*agent="?tester/1"?.*bytes="?100000' "$SERVE_LOG.err"
    # The words of a client cannot drive the terminal.
    fetch -A $'x\tred' "$SERVE_URL/x%1b%5b31m"
    run ! grep -q $'\033' "$SERVE_LOG.err"
    start_serve -q site
    fetch "$SERVE_URL/filter.wasm"
    sleep 0.2
    run ! grep -q filter.wasm "$SERVE_LOG.err"
}

# Starts a download that takes about two seconds, and waits until it runs. The body goes to
# slow.wasm.
start_slow_download() {
    make_wasm site/big.wasm 0_2_1 24000000
    curl -s --limit-rate 8M -o slow.wasm "$SERVE_URL/big.wasm" 3>&- &
    DOWNLOAD=$!
    wait_until 5 test -s slow.wasm
}

@test "serve: SIGINT lets a running download finish, takes no new one, and ends with 0" {
    start_serve site
    start_slow_download
    kill -INT "$SERVE_PID"
    sleep 0.3
    run ! curl -s -m 2 -o /dev/null "$SERVE_URL/filter.wasm"
    kill -0 "$SERVE_PID"
    wait "$DOWNLOAD"
    assert_same_file slow.wasm site/big.wasm
    assert_stops_with 0
}

@test "serve: SIGTERM does the same" {
    start_serve site
    start_slow_download
    kill -TERM "$SERVE_PID"
    wait "$DOWNLOAD"
    assert_same_file slow.wasm site/big.wasm
    assert_stops_with 0
}

@test "serve: a second signal ends it at once" {
    start_serve site
    start_slow_download
    kill -INT "$SERVE_PID"
    sleep 0.2
    kill -INT "$SERVE_PID"
    wait_until 1 not_running "$SERVE_PID"
    wait "$DOWNLOAD" || true
}

@test "serve: idle connections do not hold it up" {
    start_serve site
    port=${SERVE_URL##*:}
    exec {silent}<>"/dev/tcp/127.0.0.1/$port" {kept}<>"/dev/tcp/127.0.0.1/$port" \
        {partial}<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n' >&"$kept"
    printf 'GET /filter.wasm HT' >&"$partial"
    sleep 0.1
    kill -INT "$SERVE_PID"
    assert_stops_with 0
    exec {silent}>&- {kept}>&- {partial}>&-
}

@test "serve: many downloads at once" {
    start_serve -q site
    seq 200 | xargs -P 20 -I{} sh -c 'curl -s "$1/filter.wasm" | cmp -s - site/filter.wasm || echo bad' \
        sh "$SERVE_URL" >result
    assert_equal "$(cat result)" ""
}

@test "serve: HTTP/1.0, keep-alive, pipelining, and nonsense" {
    skip_unless python3
    echo hello >site/a.txt
    start_serve site
    python3 - "${SERVE_URL##*:}" <<'END'
import socket, sys

def talk(data):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as s:
        s.sendall(data)
        s.settimeout(3)
        got = b""
        try:
            while True:
                part = s.recv(65536)
                if not part:
                    return got, "closed"
                got += part
        except socket.timeout:
            return got, "open"

get = b"GET /a.txt HTTP/1.1\r\nHost: x\r\n"
got, end = talk(b"GET /a.txt HTTP/1.0\r\n\r\n")
assert got.startswith(b"HTTP/1.1 200") and got.endswith(b"hello\n") and end == "closed", (got, end)
got, end = talk(get + b"\r\n" + get + b"\r\n" + get + b"Connection: close\r\n\r\n")
assert got.count(b"HTTP/1.1 200") == 3 and end == "closed", (got, end)
for bad in (b"nonsense\r\n\r\n", b"GET /a.txt HTTP/1.1\r\n\r\n", get + b"Host: y\r\n\r\n",
            get + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            get + b"Content-Length: +1\r\n\r\n", get + b"X: a\r\n b\r\n\r\n",
            get + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET /a.txt HTTP/1.1\nHost: x\n\n\0\r\n\r\n"):
    got, end = talk(bad)
    assert got.startswith(b"HTTP/1.1 400") and end == "closed", (bad, got, end)
got, end = talk(b"GET http://x/a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
assert got.startswith(b"HTTP/1.1 200"), got
got, end = talk(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
assert got[9:12] in (b"414", b"400", b"431"), got[:50]
END
}
