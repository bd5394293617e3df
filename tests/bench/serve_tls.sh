#!/usr/bin/env bash
# `wasme serve` over TLS beside nginx with one worker and the same certificate (RUNS=n, SECONDS_EACH=n).
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 openssl nginx cc

runs=${RUNS:-5} each=${SECONDS_EACH:-2}
cc -O2 -D_GNU_SOURCE -o tls_load "$bench/tls_load.c" -lssl -lcrypto -lpthread 2>/dev/null || {
    echo "skipped: the load generator does not compile (libssl-dev)"
    exit 0
}
make_certificates >openssl.log 2>&1
openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout rsa.key -out rsa.csr >openssl.log 2>&1
openssl x509 -req -in rsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out rsa.pem >openssl.log 2>&1
mv server.pem ecdsa.pem && mv server.key ecdsa.key
mkdir site
for size in 1000 250000 10000000; do head -c $size /dev/urandom >site/$size; done

# Each server of a kind of key: sets $ours_pid, $ours_port, $peer_pid and $peer_port.
start_servers() { # KIND
    ours_port=$(free_port)
    "$WASME" serve site -q -p "$ours_port" --bind 127.0.0.1 --tls-cert "$1.pem" --tls-key "$1.key" >/dev/null 2>&1 &
    ours_pid=$!
    peer_port=$(free_port)
    cat >nginx.conf <<END
$( ((EUID)) || echo "user root;") worker_processes 1; daemon off; pid $work/nginx.pid;
events { worker_connections 4096; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
    ssl_session_cache shared:all:10m; ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM;
    server {
        listen 127.0.0.1:$peer_port ssl backlog=4096;
        ssl_certificate $work/$1.pem; ssl_certificate_key $work/$1.key; root $work/site;
    }
}
END
    nginx -c "$work/nginx.conf" -e "$work/nginx.log" 2>/dev/null &
    nginx_pid=$!
    wait_for_port "$ours_port" && wait_for_port "$peer_port"
    peer_pid=$(pgrep -P "$nginx_pid" | head -n 1)
}

cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

# measure NAME WHO PID PORT ARGUMENT...: one line in the file "rates".
measure() {
    local before rate
    before=$(cpu_ticks "$3")
    rate=$(./tls_load "$4" "${@:5}")
    echo "$1 $2 $rate $(($(cpu_ticks "$3") - before))" >>rates
}

for kind in ecdsa rsa; do
    start_servers $kind
    registry_pid=$nginx_pid others=("$ours_pid") # for clean_up
    for ((run = 0; run < runs; run++)); do
        while read -r name path threads mode; do
            measure "$kind,$name" wasme "$ours_pid" "$ours_port" "/$path" "$threads" "$each" "$mode"
            measure "$kind,$name" nginx "$peer_pid" "$peer_port" "/$path" "$threads" "$each" "$mode"
        done <<'END'
1-kB 1000 64 keep
250-kB 250000 16 keep
10-MB 10000000 4 keep
new-connections 1000 32 new
resumed-connections 1000 32 resume
END
    done
    kill "$ours_pid" "$nginx_pid"
    wait "$ours_pid" "$nginx_pid" || true
    registry_pid='' others=()
done
echo "TLS, medians of $runs runs of $each s; nginx is 1:"
python3 - <<'END'
import collections, os, statistics
tick = 1e6 / os.sysconf("SC_CLK_TCK")
rows = collections.defaultdict(lambda: ([], []))
for line in open("rates"):
    name, who, rate, _, count, _, ticks = line.split()
    rates, costs = rows[name, who]
    rates.append(float(rate))
    costs.append(float(ticks) * tick / max(int(count), 1))
for name in dict.fromkeys(name for name, _ in rows):
    (ours, our_costs), (theirs, their_costs) = rows[name, "wasme"], rows[name, "nginx"]
    print("  %-26s %8.0f/s %6.2f   CPU of a request %8.1f us %5.2f" % (
        name, statistics.median(ours), statistics.median(ours) / statistics.median(theirs),
        statistics.median(our_costs), statistics.median(our_costs) / statistics.median(their_costs)))
END
