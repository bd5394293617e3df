#!/usr/bin/env bats
# The hosts to which a registry may redirect wasme, depending on the address of the registry. The
# registries have names and addresses in a separate network, which only root can make.

load helper

setup() {
    scratch
    skip_unless unshare ip python3
    [[ $(id -u) == 0 ]] || skip "needs root, for a network of its own"
    unshare -mn true 2>/dev/null || skip "no namespaces here"
    cat >hosts <<END
127.0.0.1 localhost here.example
203.0.113.5 public.example
10.9.9.9 private.example
10.9.9.10 storage.example
169.254.7.7 link.example
END
    cat >serve.py <<'END'
# serve.py ADDRESS PORT LOG [LOCATION]: uploads and manifests are where LOCATION says.
import http.server, sys
where = sys.argv[4] if len(sys.argv) > 4 else ""
class Peer(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        print(self.command, self.path, file=open(sys.argv[3], "a"), flush=True)
        upload = where and self.command == "POST"
        gone = where and not upload and self.command != "HEAD" and "/manifests/" in self.path
        self.send_response(202 if upload else 307 if gone else 404)
        if upload or gone:
            self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_GET = do_HEAD = do_PUT = do_POST = answer
    def log_message(self, *args): pass
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Peer).serve_forever()
END
}

# sends COMMAND HOST LOCATION-HOST: runs `wasme COMMAND` for an image of HOST, which redirects to
# LOCATION-HOST, where a service of this network listens; sets $status and $output.
sends() {
    : >there.log
    rm -f here.log
    COMMAND=$1 HOST=$2 THERE=$3 run unshare -mn bash -c '
        mount --bind hosts /etc/hosts || exit 77
        ip link set lo up
        for address in 203.0.113.5 10.9.9.9 10.9.9.10 169.254.7.7; do
            ip addr add "$address/32" dev lo
        done
        python3 serve.py 0.0.0.0 5000 here.log "http://$THERE:7000/internal" & peer=$!
        python3 serve.py 0.0.0.0 7000 there.log & there=$!
        for _ in {1..100}; do
            (: </dev/tcp/127.0.0.1/5000 && : </dev/tcp/127.0.0.1/7000) 2>/dev/null && break
            sleep 0.05
        done
        [[ $COMMAND == pull ]] || "$WASME" tag "source.example/a/b:v1" "$HOST:5000/a/b:v1" 2>/dev/null
        "$WASME" "$COMMAND" --plain-http --retries 0 "$HOST:5000/a/b:v1"
        status=$?
        kill $peer $there
        exit $status'
}

arrived() {
    [[ -s there.log ]] || {
        echo "not followed: $output"
        return 1
    }
}

refused() {
    [[ $status -eq 1 && ! -s there.log && $output == *"sends us to http://$THERE_WAS:7000"*"an internal address: refused"* ]] || {
        echo "$output"
        cat there.log
        return 1
    }
}

@test "redirect: of a public registry, to the private network and to this machine" {
    for THERE_WAS in 127.0.0.1 localhost here.example 10.9.9.10 storage.example link.example; do
        sends pull public.example "$THERE_WAS"
        refused
    done
}

@test "redirect: of a registry in the private network, to its storage there, and not to this machine" {
    for host in private.example 10.9.9.9; do
        for there in storage.example 10.9.9.10 public.example; do
            sends pull "$host" "$there"
            arrived
        done
        for THERE_WAS in 127.0.0.1 here.example link.example 169.254.7.7; do
            sends pull "$host" "$THERE_WAS"
            refused
        done
    done
}

@test "redirect: of a registry of this machine; a name that leads here says no localhost" {
    for there in localhost here.example 127.0.0.1; do
        sends pull localhost "$there"
        arrived
    done
    sends pull here.example here.example
    arrived
    THERE_WAS=127.0.0.1
    sends pull here.example "$THERE_WAS"
    refused
}

@test "redirect: the address of an upload, by the same rule" {
    add_image source.example/a/b:v1
    for THERE_WAS in 127.0.0.1 storage.example; do
        sends push public.example "$THERE_WAS"
        refused
    done
    sends push private.example storage.example
    arrived
}
