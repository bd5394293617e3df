#!/usr/bin/env bats
# wasme serve and files that change under a download: the body is the one or the other, or the transfer visibly fails.

load helper

setup() {
    scratch
    skip_unless python3 curl
    mkdir site
    cat >change.py <<'END'
"""change.py PORT PATH HOW...: begins a slow download of the file site/PATH, changes the file in each of the ways, and
prints "old", "new" or "cut" for what came."""
import functools, hashlib, os, socket, sys
port, name = int(sys.argv[1]), sys.argv[2]
size = 24 << 20 # more than all buffers hold
path = "site/" + name
def write(target, seed, length=size):
    with open(target, "r+b" if os.path.exists(target) else "wb") as stream:
        stream.write(content(seed, length))
@functools.cache
def content(seed, length=size):
    return hashlib.shake_128(b"%d" % seed).digest(length)
def rename(seed):
    write("next", seed)
    os.rename("next", path)
def overwrite(seed):
    write(path, seed)
def overwrite_and_hide(seed): # as `touch -r`: size and time stay
    before = os.stat(path)
    write(path, seed)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
def overwrite_end(seed):
    with open(path, "r+b") as stream:
        stream.seek(size - 1000)
        stream.write(content(seed, 1000))
def truncate(seed):
    os.truncate(path, 3 << 20)
def empty(seed):
    os.truncate(path, 0)
def recreate(seed): # as a compiler writes
    with open(path, "wb") as stream:
        stream.write(content(seed))
def shrink_and_grow(seed):
    os.truncate(path, 1000)
    os.truncate(path, size)
def remove(seed):
    os.unlink(path)
def link(seed):
    os.link(path, path + "%d" % seed)
def append(seed):
    with open(path, "ab") as stream:
        stream.write(b"more")
def swap_folder(seed):
    os.rename(os.path.dirname(path), "away")
    os.makedirs(os.path.dirname(path))
    write(path, seed)
def download(change, seed):
    s = socket.create_connection(("127.0.0.1", port), 30)
    s.sendall(b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % name.encode())
    got = b""
    while len(got) < 100000:
        got += s.recv(65536)
    change(seed)
    try:
        while piece := s.recv(1 << 20):
            got += piece
    except ConnectionError:
        return "cut"
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200") and b"Content-Length: %d" % size in head, head
    if len(body) < size:
        return "cut"
    return {content(seed - 1): "old", content(seed): "new"}.get(body, "mixed")
for number, how in enumerate(sys.argv[3:]):
    if os.path.exists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    seed = 2 * number + 1
    write(path, seed - 1)
    print(how, download(globals()[how], seed))
END
}

# changes FILE: each way of changing the file must give one of the outcomes.
changes() {
    python3 change.py "${SERVE_URL##*:}" "$1" rename remove link overwrite overwrite_and_hide overwrite_end truncate empty \
        recreate shrink_and_grow append "${@:2}" >outcomes
    cat outcomes
    run ! grep -q mixed outcomes
    # Whoever replaces a file by rename, or removes it, ends no download.
    grep -qx 'rename old' outcomes
    grep -qx 'remove old' outcomes
    grep -qx 'link old' outcomes
    for way in overwrite overwrite_and_hide overwrite_end truncate empty recreate shrink_and_grow; do
        grep -qx "$way cut" outcomes
    done
    [[ ! ${2:-} ]] || grep -qx "$2 old" outcomes
}

@test "serve: a file of a folder that changes under a download mixes no bytes" {
    start_serve -q site
    changes sub/f.bin swap_folder
}

@test "serve: a file alone that changes under a download mixes no bytes" {
    echo first >site/f.bin
    start_serve -q site/f.bin
    changes f.bin
}

# A file is asked for over and over, so that the reply is kept, while it is replaced: each answer is one version.
@test "serve: what has changed is answered anew at once" {
    mkdir site/sub
    echo 0 >site/sub/f.txt
    start_serve -q site
    python3 - "${SERVE_URL##*:}" <<'END'
import os, socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
stream = s.makefile("rb")
def get(path):
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)
    status, length = stream.readline()[9:12], 0
    while (line := stream.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    return status, stream.read(length)
def put(path, text):
    with open(path, "wb") as file:
        file.write(text)
f = "site/sub/f.txt"
for i in range(200):
    text = b"%d\n" % i * 50
    if i % 4 == 0:
        put("next", text)
        os.rename("next", f)
    elif i % 4 == 1:
        put(f, text)
    elif i % 4 == 2:
        os.unlink(f)
        assert get(b"/sub/f.txt")[0] == b"404"
        put(f, text)
    else:
        os.rename("site/sub", "site/old")
        os.mkdir("site/sub")
        put(f, text)
        for old in os.listdir("site/old"):
            os.unlink("site/old/" + old)
        os.rmdir("site/old")
    for _ in range(3):
        status, body = get(b"/sub/f.txt")
        assert status == b"200" and body == text, (i, status, body, text)
    if i % 10 == 0:
        put("site/sub/n%d" % i, b"x")
        assert b"n%d" % i in get(b"/sub/")[1], "a new name is on the page"
        os.unlink("site/sub/n%d" % i)
END
}
