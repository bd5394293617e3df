#!/usr/bin/env bats
# wasme serve when the system gives little: descriptors, disk, rights, system calls; and rude clients.

load helper

setup() {
    scratch
    skip_unless curl python3
    mkdir site
    make_wasm site/f.wasm 0_2_1 300000 random
}

# serve_under COMMAND...: serves site, started by this command.
serve_under() {
    in_background serve "$@" "$WASME" serve -p 0 --bind 127.0.0.1 site
    SERVE_PID=$BACKGROUND_PID SERVE_LOG=$BACKGROUND_LOG
    wait_until 10 grep -q CTRL-C "$SERVE_LOG"
    SERVE_URL=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$SERVE_LOG" | head -n 1)
}

assert_serves() {
    curl -sS -m 20 -o body "$SERVE_URL/f.wasm"
    assert_same_file body site/f.wasm
}

# serve_with_log FILE: a server that writes its log there.
serve_with_log() {
    in_background serve bash -c 'exec "$@" 2>'"$1" -- "$WASME" serve -p 0 --bind 127.0.0.1 site
    SERVE_LOG=$BACKGROUND_LOG
    wait_until 10 grep -q CTRL-C "$SERVE_LOG"
    SERVE_URL=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$SERVE_LOG" | head -n 1)
}

@test "serve: with twenty descriptors all clients are served, some of them later" {
    serve_under bash -c 'ulimit -n 20 && exec "$@"' --
    python3 - "${SERVE_URL##*:}" site/f.wasm <<'END'
import socket, sys
want = open(sys.argv[2], "rb").read()
peers = []
for i in range(60):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
    s.sendall(b"GET /f.wasm HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    peers.append(s)
for s in peers:
    got = b"".join(iter(lambda: s.recv(65536), b""))
    assert got.partition(b"\r\n\r\n")[2] == want, got[:200]
END
    assert_serves
}

@test "serve: a log that cannot be written stops nobody" {
    serve_with_log /dev/full
    assert_serves
    assert_serves
    # A reader of the log that goes away is no signal that ends the server.
    mkfifo log
    in_background reader bash -c 'read -r line <log'
    serve_with_log log
    for _ in 1 2 3; do assert_serves; done
}

@test "serve: a log that nobody reads stops nobody, and the lost lines are counted" {
    mkfifo log
    in_background reader bash -c 'exec <log && while [[ ! -e read ]]; do sleep 0.1; done && cat >got'
    serve_with_log log
    # A pipe holds 64 kB.
    curl -sS -m 100 -o /dev/null --head -A "$(printf '%06000d' 1)" "$SERVE_URL/f.wasm?[1-40]"
    assert_serves
    touch read
    wait_until 10 test -s got
    assert_serves
    wait_until 10 grep -qE 'level=warning msg="[0-9]+ lines of the log were lost, since nobody read them"' got
    grep -qE '^time=.* msg="GET /f.wasm 200"' got
}

@test "serve: clients that reset their connections leave nothing behind" {
    start_serve -q site
    python3 - "${SERVE_URL##*:}" "$SERVE_PID" <<'END'
import os, socket, struct, sys, time
def reset(data, read):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
    s.sendall(data)
    if read:
        s.recv(read)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
files = lambda: len(os.listdir("/proc/%s/fd" % sys.argv[2]))
before = files()
for i in range(1200):
    reset((b"GET /f.wasm HTTP/1.1\r\nHost: x\r\n\r\n" * (i % 3 + 1), b"GET /f.w", b"",
           b"POST /f.wasm HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")[i % 4], i % 5 * 1000 if i % 4 == 0 else 0)
end = time.monotonic() + 20
while files() > before + 2 and time.monotonic() < end:
    time.sleep(0.05)
assert files() <= before + 2, (before, files())
END
    assert_serves
}

@test "serve: without rights, without a place to write" {
    local run=(env HOME=/nowhere TMPDIR=/nowhere)
    if [[ $(id -u) == 0 ]]; then
        skip_unless setpriv
        cp "$WASME" wasme # where others may go
        chmod -R a+rX .
        WASME=./wasme
        run=(setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all "${run[@]}")
    fi
    chmod a-w site site/f.wasm
    serve_under "${run[@]}" python3 -c 'import os, sys
os.closerange(3, 1000)
os.execv(sys.argv[1], sys.argv[1:])'
    assert_serves
    curl -s "$SERVE_URL/" | grep -q f.wasm
    # No file is open for writing, except standard output and error of the test.
    python3 - "$SERVE_PID" <<'END'
import os, re, sys
for fd in os.listdir("/proc/%s/fd" % sys.argv[1]):
    name = os.readlink("/proc/%s/fd/%s" % (sys.argv[1], fd))
    flags = int(re.search(r"flags:\s+(\d+)", open("/proc/%s/fdinfo/%s" % (sys.argv[1], fd)).read())[1], 8)
    assert int(fd) <= 2 or not name.startswith("/") or flags & 3 == 0, (fd, name, oct(flags))
END
}

# Container runtimes filter system calls; some answer EPERM to those that they do not know.
@test "serve: without openat2 links are followed and refused as with it" {
    echo secret >secret
    mkdir site/sub
    (cd site && ln -s ../f.wasm sub/good && ln -s ../secret out && ln -s "$PWD/f.wasm" absolute)
    cat >filter.py <<'END'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 437), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)]
text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(text))
assert libc.prctl(38, 1, 0, 0, 0) == 0
if libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) != 0:
    sys.exit("seccomp")
assert libc.syscall(437, -100, b".", 0, 0) == -1 and ctypes.get_errno() == 1
os.execv(sys.argv[1], sys.argv[1:])
END
    serve_under python3 filter.py
    assert_serves
    for path in sub/good absolute; do
        curl -s -o body "$SERVE_URL/$path"
        assert_same_file body site/f.wasm
    done
    assert_equal "$(curl -s -o /dev/null -w '%{http_code}' "$SERVE_URL/out")" 404
    grep -q 'link=/out' "$SERVE_LOG.err"
}
