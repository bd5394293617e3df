#!/usr/bin/env bats
# Error messages when a registry, or a server in front of it, refuses: the registry's own words and
# the next step. A real nginx in front of a real registry gives each answer.

load helper

# The image of each case is NAME/filter:v1.
#   name|method and path that get the answer|status|body
CASES='denied|GET manifests|403|{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}
policy|GET manifests|412|{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"current image with 3 vulnerabilities cannot be pulled"}]}
scanned|GET blobs/sha256|403|{"errors":[{"code":"DENIED","message":"blocked by vulnerability policy"}]}
lost|GET blobs/sha256|404|{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}
busy|GET manifests|429|{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}
ill|GET manifests|500|oops
away|GET manifests|503|<html>maintenance</html>
slow|GET manifests|504|
teapot|GET manifests|418|{"message":"short and stout"}
portal|GET manifests|200|<html><form action=login></form></html>
list|GET manifests|200|[]
noecr|POST uploads|404|{"errors":[{"code":"NAME_UNKNOWN","message":"The repository does not exist in the registry"}]}
noright|POST uploads|403|{"errors":[{"code":"DENIED","message":"insufficient scope"}]}
quota|POST uploads|403|{"errors":[{"code":"DENIED","message":"adding 3.0 MiB of storage resource, which when updated to current usage of 1.5 MiB will exceed the configured upper limit of 3.0 MiB."}]}
frozen|POST uploads|403|{"errors":[{"code":"DENIED","message":"The system is in read only mode. Any modification is prohibited."}]}
cached|POST uploads|403|{"errors":[{"code":"DENIED","message":"can not push artifact to a proxy project: cached"}]}
unpaid|POST uploads|403|{"errors":[{"code":"DENIED","message":"the subscription of this organisation has ended"}]}
brief|POST uploads|403|{"errors":[{"code":"DENIED","message":"denied"}]}
walled|POST uploads|403|<html>403 Forbidden</html>
static|POST uploads|405|<html>405 Not Allowed</html>
nothing|POST uploads|404|404 page not found
ecr|PUT manifests|400|{"errors":[{"code":"TAG_INVALID","message":"The image tag v1 already exists in the filter repository and cannot be overwritten because the repository is immutable."}]}
swept|PUT manifests|404|{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}
untagged|GET manifests|404|{"errors":[{"code":"NOT_FOUND","message":"artifact demo/filter:v1 not found"}]}
norepo|GET manifests|404|{"errors":[{"code":"NOT_FOUND","message":"repository demo/filter not found"}]}
unnamed|GET tags|404|{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}
webshop|GET tags|404|<html>not found</html>
mirror|POST uploads|405|{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}
immutable|PUT manifests|412|{"errors":[{"code":"PRECONDITION","message":"Failed to process request due to v1 configured as immutable."}]}
strange|PUT manifests|400|{"errors":[{"code":"MANIFEST_INVALID","message":"unknown media type of config"}]}
type|PUT manifests|415|{"errors":[{"code":"UNSUPPORTED","message":"manifest type not allowed"}]}
readonly|PUT manifests|405|{"errors":[{"code":"UNSUPPORTED","message":"read only"}]}
fat|PUT manifests|413|{"errors":[{"code":"SIZE_INVALID","message":"too many annotations"}]}
full|PUT manifests|507|{"errors":[{"code":"UNKNOWN","message":"no space left on device"}]}
rude|GET manifests|403|{"errors":[{"code":"DENIED","message":"\u001b[31mred\u0007 and\nmore"}]}'

locations() {
    local name where method path status body
    while IFS='|' read -r name where status body; do
        read -r method path <<<"$where"
        body=${body//\\/\\\\}
        cat <<END
location ~ ^/v2/$name/filter/.*$path {
    default_type application/json;
    if (\$request_method = $method) { return $status '$body'; }
    proxy_pass @REGISTRY_URL@;
}
END
    done <<<"$CASES"
}

setup_file() {
    scratch
    skip_unless nginx openssl
    start_registry tls
    # shellcheck disable=SC2153 # the helper sets it
    export TLS_REGISTRY=$REGISTRY TLS_CA=$CA_FILE TLS_FOLDER=${REGISTRY_DATA%/data}
    start_registry basic
    export BASIC_REGISTRY=$REGISTRY
    start_registry plain
    unset CA_FILE
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    location / { proxy_pass @REGISTRY_URL@; }
    $(locations)
    location /v2/large/ { client_max_body_size 1m; proxy_pass @REGISTRY_URL@; }
    location /v2/tomorrow/ { add_header Retry-After 86400 always; return 429 'tomorrow'; }
    location /v2/gone/ { proxy_pass http://127.0.0.1:1; }
    location /v2/away-login/ { return 302 http://\$http_host/login; }
    location ~ ^/v2/sealed/filter/manifests/ {
        default_type application/json;
        return 412 '{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"current image with 3 vulnerabilities cannot be pulled"}]}';
    }
    location /v2/readers/ {
        limit_except GET HEAD { deny all; }
        proxy_pass @REGISTRY_URL@;
    }
    location /login { return 200 '<html>log in</html>'; }
}
server {
    listen 127.0.0.2:@PORT@ ssl;
    ssl_certificate $TLS_FOLDER/server.pem;
    ssl_certificate_key $TLS_FOLDER/server.key;
    location / { proxy_pass @REGISTRY_URL@; }
}
server {
    listen 127.0.0.3:@PORT@;
    default_type application/json;
    location /v2/ {
        add_header WWW-Authenticate 'Bearer realm="http://127.0.0.3:@PORT@/token",service="odd"' always;
        return 401 '';
    }
    location /v2/unsaid/ {
        add_header WWW-Authenticate 'Bearer service="odd"' always;
        return 401 '';
    }
    location /token { return 400 '{"errors":[{"code":"BAD_REQUEST","message":"unable to handle service odd"}]}'; }
}
END
}

# refused pull|push NAME WORDS...: the error has the registry's words and the next step, and nothing
# is stored.
refused() {
    local command=$1 name=$2 word
    shift 2
    REF=$NGINX/$name/filter:v1
    if [[ $command == pull ]]; then
        try pull --retries 0 "$REF" --store "$PWD/other"
    else
        "$WASME" tag "$STORED" "$REF" 2>/dev/null
        try push --retries 0 "$REF"
    fi
    assert_status 1
    assert_output ""
    assert_stderr_contains "$REF"
    for word; do assert_stderr_contains "$word"; done
    assert_equal "$(store_leftovers "$PWD/other" 2>/dev/null)" ""
    # The error is one line, which names the tool.
    assert_equal "$(grep -c '^wasme: ' <<<"$stderr")" 1
}

setup() {
    scratch
    STORED=$REGISTRY/stored/filter:v1
    add_image "$STORED" 3000
}

@test "pull: what is not there" {
    refused pull stored/none "404 Not Found: manifest unknown (MANIFEST_UNKNOWN)" \
        "check the repository and the tag" "wasme tags"
    for name in scanned lost; do # all of it is there, and the answer is of the blobs
        "$WASME" tag "$STORED" "$REGISTRY/$name/filter:v1" 2>/dev/null
        "$WASME" push "$REGISTRY/$name/filter:v1" >/dev/null 2>&1
    done
    refused pull untagged "artifact demo/filter:v1 not found (NOT_FOUND)" \
        "check the repository and the tag (wasme tags lists them)"
    refused pull norepo "repository demo/filter not found (NOT_FOUND)" "there is no such repository"
    refused pull lost "blob sha256:" "404 Not Found: blob unknown to registry (BLOB_UNKNOWN)" \
        "the registry has lost a part of the image: push it again (wasme push --no-cache)"
    refused pull scanned "403 Forbidden: blocked by vulnerability policy (DENIED)" \
        "a policy of the project keeps it back"
}

@test "pull: what this account may not have" {
    refused pull denied "403 Forbidden: requested access to the resource is denied (DENIED)" \
        "this account may not read it" "wasme login"
    refused pull policy \
        "412 Precondition Failed: current image with 3 vulnerabilities cannot be pulled (PROJECTPOLICYVIOLATION)" \
        "a policy of the project keeps it back"
    try pull "$BASIC_REGISTRY/a/b:v1"
    assert_status 1
    assert_stderr_contains "no credentials for $BASIC_REGISTRY (looked into: "
    assert_stderr_contains "$HOME/.wasme/credentials.json"
    assert_stderr_contains "wasme login $BASIC_REGISTRY"
    assert_stderr_contains "--password-stdin"
    try pull -u "$REGISTRY_USER" --password-stdin "$BASIC_REGISTRY/a/b:v1" <<<wrong-password
    assert_status 1
    assert_stderr_contains "refused the credentials from -u"
    refute_stderr_contains wrong-password
}

@test "pull: trouble that may pass" {
    refused pull busy "429 Too Many Requests: You have reached your pull rate limit (TOOMANYREQUESTS)" \
        "try again later, or log in for a higher limit"
    refused pull ill "500 Internal Server Error: oops" "try again later"
    refused pull away "503 Service Temporarily Unavailable: the trouble is on the registry's side"
    refused pull slow "504 Gateway" "try again later"
    refused pull gone "502 Bad Gateway: the trouble is on the registry's side: try again later"
    SECONDS=0
    try pull "$NGINX/tomorrow/filter:v1"
    assert_status 1
    assert_stderr_contains "429"
    assert_stderr_contains "the registry asks to wait for longer than is worth waiting"
    ((SECONDS <= 3))
}

@test "pull: answers that are none of a registry's" {
    refused pull teapot "418" "short and stout"
    refused pull portal "GET manifest v1: no registry answers at $NGINX: 200 came, with a web page" \
        "check the name and the port"
    refused pull away-login "GET manifest v1: no registry answers at $NGINX: 200 came, with a web page"
    refused pull list "the manifest"
    refused pull rude "403 Forbidden: [31mred and more (DENIED)"
    [[ $stderr != *$'\e'* && $stderr != *$'\a'* ]]
}

@test "tokens: what the service says of the request says nothing of the login" {
    try pull -u somebody --password-stdin "127.0.0.3:${NGINX#*:}/a/b:v1" <<<secret
    assert_status 1
    assert_stderr_contains "400 Bad Request: unable to handle service odd (BAD_REQUEST)"
    assert_stderr_contains 'for the service "odd"'
    assert_stderr_contains "http://127.0.0.3:${NGINX#*:}/token"
    refute_stderr_contains "refused the credentials"
    try pull "127.0.0.3:${NGINX#*:}/unsaid/b:v1"
    assert_status 1
    assert_stderr_contains "names no realm"
    refute_stderr_contains "wasme does not do"
}

@test "the refusal of a HEAD gets its words from a GET" {
    try rm --remote "$NGINX/sealed/filter:v1"
    assert_status 1
    assert_stderr_contains "current image with 3 vulnerabilities cannot be pulled"
    assert_stderr_contains "a policy of the project keeps it back"
    grep -q ' HEAD /v2/sealed/filter/manifests/v1 412' "$NGINX_LOG"
}

@test "push: who may only read, and has nothing to send, is told that nothing changed" {
    "$WASME" tag "$STORED" "$REGISTRY/readers/filter:v1" 2>/dev/null
    "$WASME" tag "$STORED" "$NGINX/readers/filter:v1" 2>/dev/null
    refused push readers "403 Forbidden" "a proxy or a firewall before it refuses that"
    "$WASME" push "$REGISTRY/readers/filter:v1" >pushed 2>messages
    grep -q "Pushed $REGISTRY/readers/filter:v1" messages
    try push "$NGINX/readers/filter:v1"
    assert_status 0
    assert_output "$NGINX/readers/filter:v1@$(sed 's/.*@//' pushed)"
    assert_stderr_contains "Unchanged: $NGINX/readers/filter:v1 has all of it already"
    refute_stderr_contains "Pushed"
    for source in "store:$STORED" "$REGISTRY/readers/filter:v1"; do
        try copy "$source" "$NGINX/readers/filter:v1"
        assert_status 0
        assert_stderr_contains "Unchanged: $NGINX/readers/filter:v1 has all of it already"
    done
}

@test "push: where and what this account may not" {
    refused push noecr "404 Not Found: The repository does not exist in the registry (NAME_UNKNOWN)" \
        "aws ecr create-repository"
    refused push noright "403 Forbidden: insufficient scope (DENIED)" "check its role in the project"
    refused push quota "403 Forbidden: adding 3.0 MiB of storage resource" \
        "upper limit of 3.0 MiB. (DENIED): the project's quota is used up"
    refused push mirror "405 Not Allowed: The operation is unsupported. (UNSUPPORTED)" \
        "it is read-only, or a mirror"
}

# no_hint PATTERN: the registry's words have no hint behind them, because a guess would mislead.
no_hint() {
    refute_stderr_contains "$1"
}

@test "push: the registry's own words say why" {
    refused push frozen "403 Forbidden: The system is in read only mode" "ask who runs the registry"
    no_hint "this account"
    refused push cached "403 Forbidden: can not push artifact to a proxy project" \
        "push to another project"
    no_hint "this account"
    refused push unpaid "the subscription of this organisation has ended (DENIED)"
    no_hint "this account"
    refused push brief "denied (DENIED): this account may not do that there"
}

@test "push: the error code comes before the status" {
    refused push ecr "400 Bad Request: The image tag v1 already exists" \
        "(TAG_INVALID): the tag is immutable" "push under another tag"
    no_hint "--format compat"
    refused push swept "404 Not Found: blob unknown to registry (MANIFEST_BLOB_UNKNOWN)" \
        "the registry has lost a part that it had: push again"
    no_hint "made first"
}

@test "what is no registry has no repository to make, and has lost nothing" {
    refused push nothing "404 Not Found: 404 page not found: that is no answer of a registry" \
        "check the name and the port"
    no_hint "made first"
    for name in walled static; do
        refused push "$name" "that is a web page and no answer of a registry" \
            "check the name and the port" "a proxy or a firewall before it"
        no_hint "this account"
        no_hint "mirror"
    done
    for name in unnamed webshop; do
        try tags --retries 0 "$NGINX/$name/filter"
        assert_status 1
        assert_stderr_contains "tags of $name/filter: 404 Not Found"
        no_hint "lost a part"
    done
    assert_stderr_contains "that is no answer of a registry"
    try tags "$NGINX/unnamed/filter"
    assert_stderr_contains "(NAME_UNKNOWN): there is no such repository: check its name"
}

@test "push: manifests that a registry does not take" {
    refused push immutable "412 Precondition Failed" "configured as immutable. (PRECONDITION)" \
        "the tag is immutable" "push under another tag"
    refused push strange "400 Bad Request: unknown media type of config (MANIFEST_INVALID)" \
        "--format compat"
    refused push type "415 Unsupported Media Type: manifest type not allowed (UNSUPPORTED)" \
        "--format compat"
    refused push readonly "405 Not Allowed: read only (UNSUPPORTED)" "read-only or a mirror"
    refused push fat "413 Request Entity Too Large: too many annotations (SIZE_INVALID)" \
        "leave out annotations"
    refused push full "507" "no space left on device" "the trouble is on the registry's side"
}

@test "push: a wasm that is too large for nginx" {
    add_image "$NGINX/large/filter:v1" 3000000 random
    try push "$NGINX/large/filter:v1"
    assert_status 1
    assert_stderr_contains "PUT blob sha256:"
    assert_stderr_contains "413 Request Entity Too Large"
    assert_stderr_contains "raise the proxy's limit (nginx: client_max_body_size)"
    refute_stderr_contains "<html>"
}

@test "http and https mixed up" {
    skip_unless python3
    # wasme speaks plain http to servers of TLS: one in Go, and nginx.
    for registry in "$TLS_REGISTRY" "127.0.0.2:${NGINX#*:}"; do
        try pull --plain-http "$registry/a/b:v1"
        assert_status 1
        assert_stderr_contains "$registry does not speak plain http: leave out --plain-http"
    done
    # wasme speaks TLS to a server of plain http, at an address that is not known as one of this
    # machine.
    try pull --retries 0 "0.0.0.0:${REGISTRY#*:}/a/b:v1"
    assert_status 1
    assert_stderr_contains "speaks plain http: use --plain-http"
    # A server of another protocol.
    in_background mail python3 -c "
import socket
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)
while True:
    peer = server.accept()[0]
    peer.sendall(b'220 mail.example ESMTP\r\n')
    peer.close()"
    wait_until 5 test -s "$BACKGROUND_LOG"
    try pull --retries 0 --plain-http "127.0.0.1:$(<"$BACKGROUND_LOG")/a/b:v1"
    assert_status 1
    assert_stderr_contains "127.0.0.1:$(<"$BACKGROUND_LOG")"
}

@test "certificates that cannot be verified" {
    try pull "$TLS_REGISTRY/a/b:v1"
    assert_status 1
    assert_stderr_contains "the certificate of $TLS_REGISTRY cannot be verified"
    assert_stderr_contains "--ca-file"
    assert_stderr_contains "--insecure"
    # The authority of the certificate is trusted, but its name is that of another host.
    try pull --ca-file "$TLS_CA" "127.0.0.2:${NGINX#*:}/a/b:v1"
    assert_status 1
    assert_stderr_contains "the certificate of 127.0.0.2:${NGINX#*:} cannot be verified"
    try pull --insecure "127.0.0.2:${NGINX#*:}/a/b:v1"
    assert_stderr_contains "404 Not Found"
    try pull --ca-file "$TLS_CA" "$TLS_REGISTRY/a/b:v1"
    assert_stderr_contains "GET manifest v1: 404"
    echo 'no certificate' >ca.pem
    try pull --ca-file ca.pem "$TLS_REGISTRY/a/b:v1"
    assert_status 1
    assert_stderr_contains "ca.pem"
}

@test "names and ports where nobody is" {
    try pull --retries 0 registry.invalid/a/b:v1
    assert_status 1
    assert_stderr_contains "no connection"
    assert_stderr_contains "registry.invalid"
    assert_stderr_contains "check the name"
    try pull --retries 0 127.0.0.1:1/a/b:v1
    assert_status 1
    assert_stderr_contains "no connection"
    assert_stderr_contains "127.0.0.1"
}
