# A registry that is far away, for far.sh and requests.sh: an nginx with TLS and HTTP/2 before a
# registry with bearer tokens, and a relay that delays each byte. The token server is as far as the
# registry, and behind the same nginx, as in Harbor. FRONT=haproxy puts a HAProxy in the place of nginx
# (HAPROXY=FILE; default: haproxy in PATH).
# shellcheck shell=bash disable=SC2034,SC2154 # common.sh and the scripts share these variables

fakes=$bench/../fake
export PYTHONDONTWRITEBYTECODE=1

# in_background NAME COMMAND...: its output goes to NAME.log.
in_background() {
    local name=$1
    shift
    "$@" >"$name.log" 2>&1 </dev/null &
    others+=($!)
}

wait_for_file() { # FILE
    for _ in {1..200}; do
        [[ ! -s $1 ]] || return 0
        sleep 0.05
    done
    echo "waited in vain for $1" >&2
    return 1
}

warn_when_busy() {
    local load processors
    read -r load _ </proc/loadavg
    processors=$(nproc)
    ((${load%.*} < processors)) || echo "the machine is busy, and the times are too long: load $load," \
        "$processors processors" >&2
}

# start_lab: sets $far, the address that clients use once start_relay has been called.
start_lab() {
    need python3 openssl docker-registry
    warn_when_busy
    far_port=$(free_port) front_port=$(free_port)
    export far=127.0.0.1:$far_port
    make_certificates >openssl.log 2>&1
    start_tokens
    start_registry "$(free_port)" "relativeurls: true}
auth: {token: {realm: 'https://$far/service/token', service: registry, issuer: wasme-tests, rootcertbundle: $work/tokens.pem}"
    "start_${FRONT:-nginx}"
    write_login "$far"
    ours=(--ca-file ca.pem) theirs=(--ca-file ca.pem --no-tty) cranes=()
    export SSL_CERT_FILE=$work/ca.pem
}

start_tokens() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=tokens" -keyout tokens.key \
        -out tokens.pem >>openssl.log 2>&1
    in_background tokens python3 "$fakes/token_server.py" --port-file tokens.port --log tokens \
        --key tokens.key --certificate tokens.pem --user bench --password secret
    wait_for_file tokens.port
}

start_nginx() {
    need nginx
    write_nginx >nginx.conf
    in_background nginx nginx -p "$work" -c nginx.conf -e nginx.err
    wait_for_file nginx.pid
}

# HAProxy's own windows: the settings are those of the package but for the addresses.
start_haproxy() {
    need "${HAPROXY:=haproxy}"
    cat server.pem server.key >both.pem
    cat >haproxy.conf <<END
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend far
    bind 127.0.0.1:$front_port ssl crt $work/both.pem alpn h2,http/1.1
    http-request set-header X-Forwarded-Proto https
    use_backend tokens if { path /service/token }
    default_backend registry
backend tokens
    http-request set-path /token
    server tokens 127.0.0.1:$(cat tokens.port)
backend registry
    server registry $registry
END
    in_background haproxy "$HAPROXY" -f haproxy.conf
    wait_for_port "$front_port" || { cat haproxy.log && return 1; }
}

write_nginx() {
    [[ $(id -u) != 0 ]] || echo "user root;"
    cat <<END
daemon off; worker_processes 1; pid nginx.pid; error_log nginx.err; events {}
http {
    log_format times '\$msec \$request_time \$connection \$server_protocol \$status'
        ' \$request_length \$request_method \$uri';
    access_log requests times;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    client_max_body_size 0;
    proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;
    proxy_set_header Host \$http_host; proxy_set_header X-Forwarded-Proto https;
    server {
        listen 127.0.0.1:$front_port ssl http2;
        ssl_certificate server.pem; ssl_certificate_key server.key; ssl_protocols TLSv1.2 TLSv1.3;
        location = /service/token { proxy_pass http://127.0.0.1:$(cat tokens.port)/token; }
        location / { proxy_pass http://$registry; }
    }
}
END
}

# start_relay RTT: from now on $far is RTT milliseconds away.
start_relay() {
    if [[ ${relay_pid:-} ]]; then
        kill "$relay_pid"
        wait "$relay_pid" 2>/dev/null || true
    fi
    rm -f relay.port
    in_background relay python3 "$fakes/relay.py" --port-file relay.port --port "$far_port" \
        --target "$front_port" --rtt "$1"
    relay_pid=$!
    wait_for_file relay.port
}
