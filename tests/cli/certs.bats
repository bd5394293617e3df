#!/usr/bin/env bats
# Certificates in the places of docker, podman and oras: certs.d, SSL_CERT_FILE, SSL_CERT_DIR.

load helper

setup_file() {
    scratch
    skip_unless nginx openssl curl
    start_registry tls
    start_registry_behind_client_certificates
}

setup() {
    scratch
    [[ ! ${SKIP_FILE:-} ]] || return 0
    DIR=$(dirname "$CA_FILE")
    REF=$TLS/certs/filter:v1
    add_image "$REF"
}

# An nginx that demands a client certificate, in front of a registry: sets MUTUAL.
start_registry_behind_client_certificates() {
    local dir
    export TLS=$REGISTRY TLS_CA=$CA_FILE
    dir=$(dirname "$CA_FILE")
    (
        cd "$dir" || exit 1
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=client \
            -keyout client.key -out client.csr
        openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -out client.cert
    ) >"$dir/client.log" 2>&1
    start_registry plain
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@ ssl;
    ssl_certificate $dir/server.pem;
    ssl_certificate_key $dir/server.key;
    ssl_client_certificate $dir/ca.pem;
    ssl_verify_client on;
    client_max_body_size 0;
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_set_header Host \$http_host;
        proxy_set_header X-Forwarded-Proto https;
    }
}
END
    export MUTUAL=$NGINX CA_FILE=$TLS_CA
}

# certs_for HOST [FOLDER]: sets CERTS to the folder of the host.
certs_for() {
    CERTS=${2:-$HOME/.docker/certs.d}/$1
    mkdir -p "$CERTS"
}

refused() {
    try push "$REF"
    assert_status 1
    assert_stderr_contains "certificate"
}

@test "certs.d: an authority for one registry, in the user's folders" {
    refused
    for folder in .docker/certs.d .config/docker/certs.d .config/containers/certs.d; do
        certs_for "$TLS" "$HOME/$folder"
        cp "$CA_FILE" "$CERTS/ca.crt"
        try push "$REF"
        assert_status 0
        try pull "$REF" --store other
        assert_status 0
        rm -r "$CERTS"
    done
    # Certificates for another port, or in files with another ending, do not count for this
    # registry.
    certs_for "${TLS%:*}:1"
    cp "$CA_FILE" "$CERTS/ca.crt"
    refused
    certs_for "$TLS"
    cp "$CA_FILE" "$CERTS/ca.pem"
    refused
}

@test "certs.d: of the system too" {
    [[ $(id -u) == 0 ]] || skip "needs root"
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    mkdir system
    certs_for "$TLS" "$PWD/system/docker/certs.d"
    cp "$CA_FILE" "$CERTS/ca.crt"
    mkdir -p /etc/docker
    try_command unshare -m bash -c 'mount --bind "$1" /etc/docker && exec "$WASME" push "$2"' - \
        "$PWD/system/docker" "$REF"
    assert_status 0
    refused
}

@test "certs.d: the certificate of a client" {
    "$WASME" tag "$REF" "$MUTUAL/certs/filter:v1" 2>/dev/null
    certs_for "$MUTUAL"
    cp "$CA_FILE" "$CERTS/ca.crt"
    try push "$MUTUAL/certs/filter:v1"
    assert_status 1
    cp "$DIR/client.cert" "$DIR/client.key" "$CERTS/"
    try push "$MUTUAL/certs/filter:v1"
    assert_status 0
    try pull "$MUTUAL/certs/filter:v1" --store other
    assert_status 0
    try tags "$MUTUAL/certs/filter"
    assert_output v1
    try doctor "$MUTUAL/certs/filter:v1"
    assert_status 0
    # oras and crane have no such folder; skopeo has one, and accepts the same files.
    if command -v skopeo >/dev/null; then
        try_command skopeo inspect --raw --cert-dir "$CERTS" "docker://$MUTUAL/certs/filter:v1"
        assert_status 0
    fi
}

@test "certs.d: a certificate without its key is named, and the reverse" {
    certs_for "$TLS"
    cp "$DIR/client.cert" "$CERTS/me.cert"
    try push "$REF"
    assert_status 1
    assert_stderr_contains "$CERTS/me.cert has no me.key beside it"
    mv "$CERTS/me.cert" "$CERTS/me.key"
    try push "$REF"
    assert_status 1
    assert_stderr_contains "$CERTS/me.key has no me.cert beside it"
    mkfifo "$CERTS/ca.crt"
    rm "$CERTS/me.key"
    try push "$REF"
    assert_status 1
    assert_stderr_contains "FIFO"
}

@test "certs.d: login, check and doctor look there too" {
    certs_for "$TLS"
    cp "$CA_FILE" "$CERTS/any-name.crt"
    "$WASME" push "$REF" >/dev/null 2>&1
    try login -u a -p b "$TLS"
    assert_status 0
    try check "$REF" --gateway istio
    refute_stderr_contains certificate
    try doctor "$REF"
    assert_output_matches "tls +TLSv1.*verified"
    rm -r "$CERTS"
    try doctor "$REF"
    assert_status 1
    assert_output_contains "certs.d/HOST:PORT/ca.crt"
}

@test "SSL_CERT_FILE and SSL_CERT_DIR, with --ca-file and without" {
    refused
    SSL_CERT_FILE=$CA_FILE "$WASME" push "$REF" >/dev/null 2>&1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other \
        -keyout other.key -out other.pem 2>/dev/null
    mkdir plain hashed
    cp "$CA_FILE" plain/ours.pem
    cp "$CA_FILE" hashed/ours.pem
    openssl rehash hashed
    export SSL_CERT_FILE=$CA_FILE
    try pull "$REF" --store one
    assert_status 0
    export SSL_CERT_FILE=$PWD/other.pem SSL_CERT_DIR=$PWD/plain
    try pull "$REF" --store two
    assert_status 0
    unset SSL_CERT_FILE
    export SSL_CERT_DIR=$PWD/hashed
    try pull "$REF" --store three
    assert_status 0
    export SSL_CERT_DIR=$PWD/empty:$PWD/plain
    mkdir empty
    try pull "$REF" --store four
    assert_status 0
    export SSL_CERT_DIR=$PWD/empty
    try pull "$REF" --store five
    assert_status 1
    try pull "$REF" --store five --ca-file "$CA_FILE"
    assert_status 0
    export SSL_CERT_FILE=$PWD/nothing.pem
    try pull "$REF" --store six
    assert_status 1
    assert_stderr_contains "$PWD/nothing.pem"
}

@test "certs.d: a host that the registry names is shown no certificate, and has its own authorities" {
    # Another registry redirects to the registry behind client certificates for its blobs.
    certs_for "$MUTUAL"
    cp "$CA_FILE" "$CERTS/ca.crt"
    cp "$DIR/client.cert" "$DIR/client.key" "$CERTS/"
    "$WASME" tag "$REF" "$MUTUAL/shown/filter:v1" 2>/dev/null
    "$WASME" push "$MUTUAL/shown/filter:v1" >/dev/null 2>&1
    mutual=$MUTUAL
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    location ~ /blobs/ { return 307 https://$mutual\$request_uri; }
    location / { proxy_pass @REGISTRY_URL@; proxy_set_header Host \$http_host; }
}
END
    try pull --retries 0 "$NGINX/shown/filter:v1" --store other
    assert_status 1
    assert_stderr_contains 400 # nginx: no required certificate was sent; its own was verified
    try pull "$mutual/shown/filter:v1" --store other
    assert_status 0
}

@test "certs.d: a key that wants a passphrase is no question on the terminal" {
    certs_for "$MUTUAL"
    cp "$CA_FILE" "$CERTS/ca.crt"
    cp "$DIR/client.cert" "$CERTS/"
    openssl pkey -in "$DIR/client.key" -aes128 -passout pass:x -out "$CERTS/client.key" 2>/dev/null
    "$WASME" tag "$REF" "$MUTUAL/locked/filter:v1" 2>/dev/null
    try push --retries 0 "$MUTUAL/locked/filter:v1"
    assert_status 1
    refute_stderr_contains "pass phrase:"
    assert_stderr_contains "client.key"
}

@test "SSL_CERT_DIR: what it lacks is not trusted, what it cannot read is passed over" {
    SSL_CERT_FILE=$CA_FILE "$WASME" push "$REF" >/dev/null 2>&1
    mkdir odd
    cp "$CA_FILE" odd/ours.pem
    ln -s nowhere odd/link.pem
    mkdir odd/folder
    export SSL_CERT_DIR=$PWD/missing:$PWD/odd
    try pull "$REF" --store one
    assert_status 0
    if command -v strace >/dev/null && ! is_sanitized; then # LeakSanitizer does not work under it
        strace -f -o trace -e trace=openat "$WASME" pull "$REF" --store two >/dev/null 2>&1
        run ! grep '/etc/ssl/certs/[0-9a-f]*\.0' trace
    fi
}
