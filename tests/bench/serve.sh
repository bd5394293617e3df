#!/usr/bin/env bash
# `wasme serve` beside nginx with one worker, on the loopback: make bench-serve. The runs take turns.
#   LOAD=FILE        the load generator (tests/bench/load.c), which the Makefile builds
#   RUNS=n LASTS=n  how often, and how many seconds each run takes
#   T=text           only rows whose name contains this; rows of the store and of TLS need "store" or "TLS"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
need nginx python3 openssl
: "${LOAD:?the load generator: make bench-serve builds it}"

chmod 755 . # the worker of nginx is nobody when the master is root
mkdir site
head -c 1000 /dev/urandom >site/1k.wasm
head -c 250000 /dev/urandom >site/250k.wasm
head -c 10000000 /dev/urandom >site/10m.wasm
make_certificates >/dev/null 2>&1
if [[ -z ${T:-} || $T == *store* ]]; then
    write_config config.json
    for i in {1..1000}; do
        printf "\0asm\1\0\0\0\0\6\1x%04d" "$i" >filter.wasm
        "$WASME" build precompiled filter.wasm -t "filter$i:v1" -c config.json >/dev/null 2>&1
    done
fi

nginx_config() { # PORT TLS-PORT
    cat <<END
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx.err;
worker_rlimit_nofile 20000;
events { worker_connections 20000; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types { application/wasm wasm; }
    client_body_temp_path $work/t1;
    proxy_temp_path $work/t2;
    fastcgi_temp_path $work/t3;
    uwsgi_temp_path $work/t4;
    scgi_temp_path $work/t5;
    root $work/site;
    server { listen 127.0.0.1:$1 backlog=1024; }
    server {
        listen 127.0.0.1:$2 ssl backlog=1024;
        ssl_certificate $work/server.pem;
        ssl_certificate_key $work/server.key;
        ssl_session_cache shared:s:1m;
    }
}
END
}

python3 "$bench/serve.py" "$WASME" "$LOAD" "$work" "$(nginx_config NGINX_PORT NGINX_TLS_PORT)"
