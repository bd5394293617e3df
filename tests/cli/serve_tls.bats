#!/usr/bin/env bats
# wasme serve over TLS: certificates and keys, versions, ends of connections, limits, a new certificate.

load helper

setup() {
    scratch
    skip_unless curl python3 openssl
    mkdir site
    make_wasm site/small 0_2_1 3000 random
}

# certificate NAME [ARGUMENT...]: NAME.pem and NAME.key, issued by ca.pem; arguments for `openssl x509`.
certificate() {
    local name=$1
    shift
    {
        [[ -e ca.pem ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
            -days 2 -subj "/CN=wasme test CA" -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
            -keyout "$name.key" -out "$name.csr"
        openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$name.pem" "$@"
    } >openssl.log 2>&1 || {
        cat openssl.log
        return 1
    }
}

# Serves the folder site with server.pem and server.key.
start_tls() {
    [[ -e server.pem ]] || certificate server
    start_serve site --tls-cert server.pem --tls-key server.key
    PORT=${SERVE_URL##*:}
}

fetch() {
    curl -sS --max-time 60 --cacert ca.pem "$@"
}

# talk ARGUMENT...: s_client sends one request, and prints what it knows of the connection.
talk() {
    { printf 'GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'; sleep 0.5; } |
        openssl s_client -connect "127.0.0.1:$PORT" -servername localhost -CAfile ca.pem "$@" 2>&1 |
        tr -d '\0'
}

clients() {
    python3 "$ROOT/tests/cli/tls_clients.py" "$1" "$PORT" ca.pem "${@:2}"
}

refused() { # ARGUMENT... WORDS
    try serve site -p 0 --bind 127.0.0.1 "${@:1:$#-1}"
    assert_status 1
    assert_stderr_contains "${*: -1}"
}

@test "serve --tls-cert: files, ranges and large files, and addresses with https" {
    head -c 100000000 /dev/urandom >site/large
    start_tls
    [[ $SERVE_URL == https://* ]]
    run ! grep -q http:// "$SERVE_LOG"
    fetch -o body "$SERVE_URL/small"
    assert_same_file body site/small
    fetch -o body "$SERVE_URL/large"
    assert_same_file body site/large
    fetch -r 50000000-50999999 -o body "$SERVE_URL/large"
    assert_same_file body <(tail -c +50000001 site/large | head -c 1000000)
    fetch -C - -o body "$SERVE_URL/large" -w '%{http_code}' >code
    assert_equal "$(<code)" 206
    tail -c +1000001 site/large | cmp - <(tail -c +1000001 body)
    assert_equal "$(fetch -I "$SERVE_URL/small" -w '%{http_version}' -o /dev/null)" 1.1
}

@test "serve --tls-cert: the key in the same file, and the chain in order" {
    certificate server
    cat server.key server.pem ca.pem >both.pem
    start_serve site --tls-cert both.pem
    PORT=${SERVE_URL##*:}
    assert_equal "$(fetch "$SERVE_URL/small" | sha256sum)" "$(sha256sum <site/small)"
    assert_equal "$(talk -showcerts | grep -c 'BEGIN CERTIFICATE')" 2
}

@test "serve --tls-cert: TLS 1.2 and 1.3 with forward secrecy, nothing older" {
    start_tls
    for version in 1_2 1_3; do
        talk -tls$version -alpn h2,http/1.1 >"out$version"
        grep -q "200 OK" "out$version"
        grep -q "ALPN protocol: http/1.1" "out$version"
        grep -qE 'Cipher is (ECDHE-ECDSA-AES|TLS_AES)' "out$version"
    done
    for version in 1 1_1; do
        talk -tls$version -cipher 'ALL:@SECLEVEL=0' >out
        run ! grep -q "200 OK" out
        grep -q 'alert protocol version' out
    done
    talk -tls1_2 -cipher AES128-SHA256:ECDHE-ECDSA-AES128-SHA256 >out
    grep -q 'alert handshake failure' out
    talk -alpn h2 >out
    grep -q 'alert no application protocol' out
}

@test "serve --tls-cert: sessions are resumed" {
    start_tls
    clients resumption
    for how in -tls1_3 -tls1_2 "-tls1_2 -no_ticket"; do
        # shellcheck disable=SC2086 # two words
        talk $how -sess_out session >out
        grep -q '^New, TLS' out
        # shellcheck disable=SC2086
        talk $how -sess_in session >out
        grep -q '^Reused, TLS' out
        grep -q '200 OK' out
    done
}

@test "serve --tls-cert: no renegotiation" {
    start_tls
    { sleep 0.5; echo R; sleep 1; } |
        openssl s_client -connect "127.0.0.1:$PORT" -CAfile ca.pem -tls1_2 >out 2>&1 || true
    grep -q RENEGOTIATING out
    grep -qE 'no renegotiation|handshake failure' out
    fetch -o /dev/null "$SERVE_URL/small"
}

@test "serve --tls-cert: keep-alive, pipelining, and requests in pieces" {
    head -c 20000000 /dev/urandom >site/large
    start_tls
    clients keep_alive
    clients one_byte_records
    clients half_closed
}

@test "serve --tls-cert: an end in order is told apart from missing bytes" {
    head -c 50000000 /dev/urandom >site/shrinking
    start_tls
    clients ends_in_order
    clients truncated
    grep -q 'the file became shorter' "$SERVE_LOG.err"
    clients idle_at_stop "$SERVE_PID"
}

@test "serve --tls-cert: garbage, plain HTTP, and clients that do not trust" {
    start_tls
    clients garbage
    assert_equal "$(curl -s --max-time 10 -o body -w '%{http_code}' "http://127.0.0.1:$PORT/small")" 400
    grep -q https:// body
    run curl -s --max-time 10 "$SERVE_URL/small"
    assert_equal "$status" 60
    sleep 1.1 # one line a second at the most
    run curl -s --max-time 10 "$SERVE_URL/small"
    wait_until 10 grep -q 'TLS with 127.0.0.1:.*unknown ca' "$SERVE_LOG.err"
    fetch -o body "$SERVE_URL/small"
    assert_same_file body site/small
}

@test "serve --tls-cert: slow handshakes, headers and readers have their deadlines" {
    head -c 50000000 /dev/urandom >site/large
    start_tls
    clients slow
    fetch -o body "$SERVE_URL/small"
    assert_same_file body site/small
}

@test "serve --tls-cert: SIGHUP brings a new certificate, also under load" {
    certificate server
    certificate next
    start_tls
    clients under_load seen &
    loader=$!
    wait_until 10 grep -q 'GET /small 200' "$SERVE_LOG.err"
    # A broken file changes nothing.
    cp server.pem old.pem
    head -n 5 old.pem >server.pem
    kill -HUP "$SERVE_PID"
    wait_until 10 grep -q 'the certificate stays as it was: server.pem' "$SERVE_LOG.err"
    cp next.pem server.pem
    kill -HUP "$SERVE_PID"
    wait_until 10 grep -q 'server.key: the private key does not belong' "$SERVE_LOG.err"
    fetch -v -o body "$SERVE_URL/small" 2>&1 | grep -q 'subject: CN=server'
    cp next.key server.key
    kill -HUP "$SERVE_PID"
    wait_until 10 grep -q 'the certificate was read again' "$SERVE_LOG.err"
    fetch -v -o body "$SERVE_URL/small" 2>&1 | grep -q 'subject: CN=next'
    sleep 1
    touch "done"
    wait $loader
    assert_equal "$(<seen)" $'next\nserver'
}

@test "serve --tls-cert: files that do not fit, and what to do" {
    certificate server
    certificate other
    openssl pkey -in server.key -aes256 -passout pass:x -out encrypted.key
    openssl x509 -in server.pem -outform DER -out server.der
    mkdir folder
    refused --tls-cert missing.pem "missing.pem: No such file"
    refused --tls-cert server.pem --tls-key missing.key "missing.key: No such file"
    refused --tls-cert folder "folder"
    refused --tls-cert server.der --tls-key server.key "no certificate in PEM form"
    refused --tls-cert server.key --tls-key server.key "no certificate in PEM form"
    refused --tls-cert server.pem "no private key in PEM form is in this file: name its file with --tls-key"
    refused --tls-cert server.pem --tls-key other.key \
        "other.key: the private key does not belong to the certificate, which is the first one in server.pem"
    refused --tls-cert server.pem --tls-key encrypted.key "encrypted.key: the private key is encrypted"
    { cat server.pem; sed 's/^MI/xx/' ca.pem; } >chain.pem
    refused --tls-cert chain.pem --tls-key server.key "chain.pem: certificate 2"
    head -c 300000 /dev/zero >huge.pem
    refused --tls-cert huge.pem "huge.pem"
    try serve site -p 0 --tls-key server.key
    assert_status 2
    assert_stderr_contains "give the certificate with --tls-cert"
}

@test "serve --tls-cert: a certificate that expired is told" {
    certificate server -days -1
    start_tls
    grep -q 'level=warning msg="server.pem: the certificate expired at' "$SERVE_LOG.err"
    run curl -s --cacert ca.pem "$SERVE_URL/small"
    assert_equal "$status" 60
}

@test "serve --tls-cert: the private key gets into no core file" {
    certificate server
    run python3 - "$WASME" <<'END'
import os, resource, signal, subprocess, sys
def dumps(*arguments):
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    while "CTRL-C" not in process.stdout.readline():
        pass
    os.kill(process.pid, signal.SIGABRT)
    return os.WCOREDUMP(os.waitpid(process.pid, 0)[1])
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
serve = [sys.argv[1], "serve", "site", "-p", "0"]
if not dumps(*serve):
    sys.exit("unknown")
print("yes" if dumps(*serve, "--tls-cert", "server.pem", "--tls-key", "server.key") else "no")
END
    [[ $output != *unknown* ]] || skip "no process of this machine leaves a core file"
    assert_equal "${lines[-1]}" no
}
