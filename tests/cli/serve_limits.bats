#!/usr/bin/env bats
# wasme serve: its argument, the addresses it prints, and the limits for clients and large folders.

load helper

setup() {
    scratch
    skip_unless curl python3 jq
    mkdir site
    make_wasm site/f.wasm 0_2_1 3000 random
}

status_of() {
    curl -s -o body -w '%{http_code}' --max-time 20 --path-as-is "$@"
}

tag_of() {
    curl -s -I --max-time 20 "$1" | tr -d '\r' | sed -nE 's/^etag: "(.*)"/\1/Ip'
}

# The addresses of a banner, with any port.
addresses() {
    sed -nE 's|^  (http://.*):[0-9]+$|\1|p' "$SERVE_LOG"
}

# serve_at ADDRESS: serves on any free port.
serve_at() {
    in_background serve "$WASME" serve site -p 0 --bind "$1"
    SERVE_LOG=$BACKGROUND_LOG
    wait_until 10 grep -q CTRL-C "$SERVE_LOG"
    SERVE_PORT=$(sed -nE 's|^  http://.*:([0-9]+)$|\1|p' "$SERVE_LOG" | head -n 1)
}

@test "serve: a file alone, by its name and as filter.wasm" {
    start_serve site/f.wasm
    for path in /f.wasm /filter.wasm //f.wasm; do
        assert_equal "$(status_of "$SERVE_URL$path")" 200
        assert_same_file body site/f.wasm
    done
    [[ $(tag_of "$SERVE_URL/f.wasm") == "$(printf %x 3000)"-* ]]
    assert_equal "$(tag_of "$SERVE_URL/filter.wasm")" "$(tag_of "$SERVE_URL/f.wasm")"
    assert_equal "$(status_of "$SERVE_URL/")" 200
    grep -q 'href="./f.wasm"' body
    for path in /site/f.wasm /other /f.wasm/; do
        assert_equal "$(status_of "$SERVE_URL$path")" 404
    done
    make_wasm next.wasm 0_2_1 4000 random
    mv next.wasm site/f.wasm
    assert_equal "$(status_of "$SERVE_URL/f.wasm")" 200
    assert_same_file body site/f.wasm
    rm site/f.wasm
    assert_equal "$(status_of "$SERVE_URL/f.wasm")" 404
}

@test "serve: addresses that others can use, whatever it listens on" {
    serve_at 0.0.0.0
    addresses | grep -qx 'http://127.0.0.1'
    run ! grep -F 0.0.0.0 "$SERVE_LOG"
    assert_equal "$(status_of "http://127.0.0.1:$SERVE_PORT/f.wasm")" 200
    [[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6 || skip "no IPv6 here"
    serve_at ::
    addresses | grep -qx 'http://127.0.0.1'
    run ! grep -F '[::]' "$SERVE_LOG"
    assert_equal "$(status_of "http://127.0.0.1:$SERVE_PORT/f.wasm")" 200
    serve_at '[::1]'
    assert_equal "$(addresses)" 'http://[::1]'
    assert_equal "$(status_of "http://[::1]:$SERVE_PORT/f.wasm")" 200
}

@test "serve: .well-known is served, other names with a dot are hidden" {
    mkdir -p site/.well-known/.git site/a/.well-known site/.git
    echo challenge | tee site/.well-known/token site/.well-known/.git/config site/a/.well-known/token \
        site/.git/config site/.well-known2 >/dev/null
    start_serve site
    assert_equal "$(status_of "$SERVE_URL/.well-known/token")" 200
    assert_equal "$(<body)" challenge
    for path in .well-known/.git/config a/.well-known/token .git/config .well-known2; do
        assert_equal "$(status_of "$SERVE_URL/$path")" 404 "$path"
    done
    "$WASME" serve --help | grep -q '/.well-known'
}

@test "serve: the page of the store is sorted as list is" {
    for name in zeta:v1 beta:v2 beta:v1 alpha:v9; do
        add_image "harbor.example/$name"
        sleep 0.02
    done
    start_serve
    assert_equal "$(status_of "$SERVE_URL/")" 200
    shown=$(sed -nE 's/^<tr data-words="(harbor[^ ]+) .*/\1/p' body)
    listed=$("$WASME" list --json | jq -r '.[].reference')
    assert_equal "$shown" "$listed"
    # A new image is on the page at once.
    add_image harbor.example/gamma:v1
    assert_equal "$(status_of "$SERVE_URL/")" 200
    grep -q gamma body
}

@test "serve: a folder's name steers no terminal" {
    odd=$(printf 'x\033]0;title\007y')
    mkdir "$odd"
    start_serve "$odd"
    run ! grep $'\033\|\007' "$SERVE_LOG" "$SERVE_LOG.err"
    grep -q 'serving x?]0;title?y' "$SERVE_LOG"
}

@test "serve: files that are large, or have no end, keep nobody waiting" {
    truncate -s 3G site/large
    ln -s /proc/self/pagemap site/endless
    start_serve --follow site
    for name in large endless; do
        curl -s -o /dev/null -I --max-time 20 "$SERVE_URL/$name" &
        assert_equal "$(curl -s -o body --max-time 2 -w '%{http_code}' "$SERVE_URL/f.wasm")" 200
        wait $!
    done
    [[ $(tag_of "$SERVE_URL/large") != sha256:* ]]
    before=$(tag_of "$SERVE_URL/large")
    printf x | dd of=site/large conv=notrunc status=none
    [[ $(tag_of "$SERVE_URL/large") != "$before" ]]
}

@test "serve: a folder of 12,000 names says how many it leaves out" {
    mkdir many
    (cd many && seq -f 'f%05g' 12000 | tac | xargs touch)
    start_serve many
    assert_equal "$(status_of "$SERVE_URL/")" 200
    assert_equal "$(grep -c '<tr data-words' body)" 10000
    grep -q 'and 2000 more' body
    grep -q 'f00001' body
    grep -q 'f10000' body
    run ! grep f10001 body
}

# Pages of 4 MB for clients that do not read them: the memory for all pages is bounded, and files
# are served meanwhile.
@test "serve: readers that do not read get no more memory than there is for them" {
    mkdir many
    (cd many && python3 -c 'for i in range(10000): open("&" * 240 + "%06d" % i, "w").close()')
    cp site/f.wasm many/
    start_serve many
    python3 - "${SERVE_URL##*:}" "$SERVE_PID" <<'END'
import re, socket, sys, time
port, pid = int(sys.argv[1]), sys.argv[2]
held = []
def ask(path):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); s.settimeout(20)
    s.connect(("127.0.0.1", port)); s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
    return s
for i in range(60):
    held.append(ask(b"/"))
answers = [s.recv(12)[9:12] for s in held]
begun = time.monotonic()
file = ask(b"/f.wasm").recv(12)[9:12]
took = time.monotonic() - begun
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/%s/status" % pid).read())[1]) // 1024
print("answers", sorted(set(answers)), "file", file, "after %.2f s," % took, "memory at most", peak, "MB")
assert answers.count(b"503") > 10 and answers.count(b"200") >= 1
assert file == b"200" and took < 2
assert peak < 300 or "asan" in open("/proc/%s/maps" % pid).read()
for s in held:
    s.close()
END
    wait_until 10 listing_is_whole
    # Long names: the page ends before 10,000 of them.
    [[ $(wc -c <body) -lt 4300000 ]]
    assert_equal "$(($(grep -c '<tr data-words' body) + $(sed -nE 's/.*and ([0-9]+) more.*/\1/p' body)))" 10001
}

# Each page differs from the page before, so no page can be reused.
@test "serve: pages of large folders, asked for in turn, keep nobody waiting" {
    for name in a b; do
        mkdir "site/$name"
        (cd "site/$name" && seq -f 'f%06g' 30000 | xargs touch)
    done
    start_serve -q site
    python3 - "${SERVE_URL##*:}" <<'END'
import socket, sys, threading, time
def ask(data):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)
    s.sendall(data)
    return s
def request(method, path):
    return b"%s %s HTTP/1.1\r\nHost: x\r\n\r\n" % (method, path)
begun = time.monotonic()
assert b" 200 " in ask(request(b"HEAD", b"/a/")).recv(20)
once = time.monotonic() - begun
def waited():
    begun = time.monotonic()
    assert b" 200 " in ask(request(b"GET", b"/f.wasm")).recv(20)
    return time.monotonic() - begun
# The requests come in one piece, then on one connection each; every page would take as long as the
# first one.
row = ask(b"".join(request(b"HEAD", p) for p in (b"/b/", b"/a/")) * 100)
first = row.recv(20)
in_a_row = waited()
crowd = [ask(request(b"HEAD", (b"/a/", b"/b/")[i % 2])) for i in range(100)]
in_a_crowd = waited()
print("a page %.3f s, others waited %.3f s and %.3f s" % (once, in_a_row, in_a_crowd))
assert in_a_row < 20 * once + 0.2 and in_a_crowd < 20 * once + 0.2
answers = {s.recv(20)[9:12] for s in crowd}
assert answers <= {b"200", b"503"}, answers
END
    # A page that was refused is available soon after.
    wait_until 5 listing_is_whole
}

listing_is_whole() {
    [[ $(status_of "$SERVE_URL/") == 200 ]]
}
