#!/usr/bin/env bats
# wasme serve DIR: nothing outside the folder is served, whatever the path, the links and the moment.

load helper

setup() {
    scratch
    skip_unless curl python3
    mkdir -p site/sub other
    echo secret | tee secret other/file >/dev/null
    echo inside | tee site/file site/sub/file >/dev/null
}

# ask PATH...: the status of each path, sent as it stands.
ask() {
    python3 - "${SERVE_URL##*:}" "$@" <<'END'
import os, socket, sys
for path in sys.argv[2:]:
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % os.fsencode(path))
    answer = b"".join(iter(lambda: s.recv(65536), b""))
    print(path, answer[9:12].decode(), "secret" if b"secret" in answer else "")
END
}

@test "serve: links within the folder are followed, links that leave it are refused and named" {
    (cd site && ln -s sub/file good && ln -s ../file sub/up && ln -s "$PWD/file" absolute &&
        ln -s ../secret out && ln -s ../other away && ln -s /etc/passwd etc && ln -s away chain)
    start_serve site
    assert_equal "$(ask /good /sub/up /absolute)" "/good 200 
/sub/up 200 
/absolute 200 "
    assert_equal "$(ask /out /away/file /away/ /etc /chain/file)" "/out 404 
/away/file 404 
/away/ 404 
/etc 404 
/chain/file 404 "
    grep -q 'level=warning msg="a symbolic link that leads out of the folder.*--follow.*link=/out' \
        "$SERVE_LOG.err"
    # One warning a second: clients cannot fill the log.
    ask $(seq -f '/out?%g' 40) >/dev/null
    [[ $(grep -c level=warning "$SERVE_LOG.err") -lt 10 ]]
    # The page of the folder names what can be had.
    page=$(curl -s "$SERVE_URL/")
    for name in good absolute file; do grep -q "href=\"./$name\"" <<<"$page"; done
    for name in out away etc chain; do run ! grep -q "./$name" <<<"$page"; done
    start_serve site --follow
    assert_equal "$(ask /good /out /away/file /chain/file)" "/good 200 
/out 200 secret
/away/file 200 secret
/chain/file 200 secret"
    curl -s "$SERVE_URL/" | grep -q 'href="./away/"'
}

@test "serve: no encoding of a path leaves the folder" {
    ln -s ../secret site/out
    start_serve site
    ask /../secret /..%2fsecret /..%2Fsecret /%2e%2e/secret /%2e%2e%2fsecret /.%2e/secret /%2e./secret \
        //../secret /sub/../../secret /sub/..%2f..%2fsecret '/..\secret' '/..%5csecret' \
        '/sub\..\..\secret' '/%5c..%5csecret' /..%00/secret /file%00/../../secret /%c0%ae%c0%ae/secret \
        /%c0%ae%c0%ae%c0%afsecret /..%c0%afsecret /%e0%80%ae%e0%80%ae/secret /%uff0e%uff0e/secret \
        /%252e%252e/secret /%252e%252e%252fsecret '/..;/secret' '/..;x=y/secret' /.../secret /./../secret \
        /%2e/%2e%2e/secret /sub/%2e%2e/%2e%2e/secret http://x/../secret http://x/%2e%2e/secret \
        http://x/..%2fsecret http://../secret file:///etc/passwd ../secret secret '/?/../secret' \
        /out/ /out/../out /%6fut /%6f%75%74 //out '/#/../../secret' "$PWD/secret" "/$PWD/secret" \
        >answers
    cat answers
    [[ $(wc -l <answers) == 45 ]]
    run ! grep -q ' secret$' answers
    # A query is no part of the path.
    run ! grep -vE ' (400|404|301) $|^/\?/../secret 200 $' answers
}

# A folder and a link that leads out change places all the time, and so do a file and a link.
@test "serve: a folder swapped for a link while requests run is no way out" {
    (cd site && mkdir box && echo inside >box/file && ln -s ../other trap && ln -s ../secret bait)
    cp -r site/box/. other
    echo secret >other/file
    start_serve -q site
    python3 - "${SERVE_URL##*:}" <<'END'
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def exchange(a, b):
    assert libc.renameat2(-100, a, -100, b, 2) == 0
swapper = os.fork()
if not swapper:
    while os.getppid() != 1:
        exchange(b"site/box", b"site/trap")
        exchange(b"site/file", b"site/bait")
try:
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
    stream = s.makefile("rb")
    count = {}
    for i in range(4000):
        s.sendall(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"file", b"box/file", b"box/", b"trap/file")[i % 4])
        status = stream.readline()[9:12]
        length = 0
        while (line := stream.readline()) != b"\r\n":
            name, value = line.split(b":", 1)
            length = int(value) if name.lower() == b"content-length" else length
        body = stream.read(length)
        # 500: the file was renamed at the very moment in which it was read.
        assert b"secret" not in body and status in (b"200", b"404", b"500"), (status, body)
        count[status] = count.get(status, 0) + 1
    print(count)
    assert count[b"200"] and count[b"404"], "the swapper ran between the requests"
finally:
    os.kill(swapper, 9)
END
}

# inotify reports an open for reading, and not one that only finds the file.
@test "serve: FIFOs, sockets and devices are refused without being opened" {
    python3 - site <<'END'
import os, socket, sys
os.mkfifo("site/fifo")
socket.socket(socket.AF_UNIX).bind("site/socket")
try:
    os.mknod("site/null", 0o666 | 0o20000, os.makedev(1, 3))
except PermissionError:
    pass
END
    mkfifo one
    cp site/file single
    start_serve -q site
    folder=$SERVE_URL
    start_serve -q single
    mv one single # the file that is served becomes a FIFO
    python3 - "${folder##*:}" "${SERVE_URL##*:}" <<'END'
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
watch = libc.inotify_init1(0o4000)
watched = [p for p in ("site/fifo", "site/socket", "site/null", "single") if os.path.lexists(p)]
for p in watched:
    assert libc.inotify_add_watch(watch, p.encode(), 0x20) >= 0  # IN_OPEN
def ask(port, path):
    s = socket.create_connection(("127.0.0.1", int(port)), 20)
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
    return b"".join(iter(lambda: s.recv(65536), b""))
for p in watched[:-1]:
    assert ask(sys.argv[1], p[4:])[9:12] == b"404", p
assert ask(sys.argv[2], "/single")[9:12] == b"404"
page = ask(sys.argv[1], "/")
assert b"fifo" not in page and b"./file" in page
try:
    raise SystemExit("opened: %r" % os.read(watch, 4096))
except BlockingIOError:
    pass
os.open("single", os.O_RDONLY | os.O_NONBLOCK)
assert os.read(watch, 4096), "an open is seen"
END
}
