#!/usr/bin/env bats
# What a run remembers of registries: the way to log in, and tokens. nginx stands before a real
# registry and a token server, and logs the requests to both.

load helper
load front

setup_file() {
    scratch
    start_front
}

setup() {
    scratch
    begin_front_test
}

@test "cache: the second command asks for its token first" {
    add_image "$REF"
    tls push "$REF"
    assert_status 0
    assert_equal "$(requests | head -n 2 | cut -d' ' -f1,3)" "$(printf '%s\n' 'HEAD 401' 'GET 200')"
    assert_equal "$(stat -c %a "$HOME/.cache" "$CACHE" "$FILE" "$CACHE/blobs" | xargs)" "700 700 600 600"
    assert_equal "$(find "$CACHE" -type f -printf '%f\n' | sort | xargs)" "blobs registries.json"
    run ! grep -rF -e "$REGISTRY_PASSWORD" -e "$REGISTRY_USER" -e eyJ "$CACHE"
    pull
    assert_status 0
    assert_stderr_contains "$NGINX: asks for a token of https://$NGINX/token, as it did before"
    refute_stderr_contains "asks for bearer"
    assert_equal "$(head -n 1 "$NGINX_LOG" | cut -d' ' -f4)" /token
    assert_equal "$(requests | cut -d' ' -f1,3 | xargs)" "GET 200 GET 200 GET 200 GET 200"
}

@test "cache: what everybody may read is asked for with an anonymous token at once" {
    REF=$NGINX/public/test$BATS_TEST_NUMBER:v1
    pushed
    rm -r "$HOME/.cache" "$HOME/.docker"
    pull
    assert_status 0
    assert_equal "$(grep -c 401 <<<"$(requests)")" 1
    pull
    assert_status 0
    assert_equal "$(first_request)" "GET /token 200"
    assert_equal "$(wc -l <"$NGINX_LOG")" 0
}

@test "cache: --no-cache reads and writes nothing" {
    add_image "$REF"
    tls push --no-cache "$REF"
    assert_status 0
    [[ ! -e $HOME/.cache ]]
    tls push "$REF"
    rm -r "$CACHE/blobs"
    touch -d @1 "$FILE"
    requests >/dev/null
    pull --no-cache
    assert_status 0
    assert_equal "$(first_request | cut -d' ' -f3)" 401
    assert_equal "$(stat -c %Y "$FILE")" 1
    [[ ! -e $CACHE/blobs ]]
}

@test "cache: a push again asks for the manifest alone, and with --no-cache for every part" {
    local link
    pushed
    requests >/dev/null
    tls push "$REF"
    assert_status 0
    assert_stderr_contains "Unchanged: $REF has all of it already"
    assert_equal "$(requests | cut -d' ' -f1,3 | xargs)" "GET 200 HEAD 200"
    # The same image under another name, and another image under the same one.
    "$WASME" tag "$REF" "${REF%:*}:v2"
    tls push "${REF%:*}:v2"
    assert_stderr_contains "Pushed ${REF%:*}:v2"
    add_image "$REF" 300000
    tls push "$REF"
    assert_stderr_contains "Pushed $REF"
    # What the registry has lost is only seen, and mended, when it is asked for.
    link=$(find "$REGISTRY_DATA" -path "*/test$BATS_TEST_NUMBER/_layers/sha256/*" -name link -size +0 \
        -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
    rm -r "$(dirname "$link")"
    tls push "$REF"
    assert_stderr_contains "Unchanged"
    pull
    assert_status 1
    assert_stderr_contains "wasme push --no-cache"
    tls push --no-cache "$REF"
    assert_status 0
    pull
    assert_status 0
}

@test "cache: a push again sends all when the tag is gone" {
    pushed
    rm -r "$(find "$REGISTRY_DATA" -path "*/test$BATS_TEST_NUMBER/_manifests/tags/v1")"
    tls push "$REF"
    assert_status 0
    assert_stderr_contains "Pushed $REF"
    pull
    assert_status 0
}

@test "cache: XDG_CACHE_HOME names the folder, and a relative one is ignored" {
    add_image "$REF"
    XDG_CACHE_HOME=$PWD/cache tls push "$REF"
    assert_status 0
    [[ -f $PWD/cache/wasme/registries.json && ! -e $HOME/.cache ]]
    XDG_CACHE_HOME=relative tls push "$REF"
    [[ -f $FILE && ! -e relative ]]
}

@test "cache: a realm that is gone is no error, and forgotten" {
    local gone
    pushed
    for gone in "https://localhost:1/token" "https://$NGINX/v2/nothing" "https://$NGINX/gone" \
        "https://localhost:${NGINX#*:}/v2/" "https://no-such-host.invalid/token" "http://$NGINX/token"; do
        sed -i "s|\"realm\":\"[^\"]*\"|\"realm\":\"$gone\"|" "$FILE"
        pull
        assert_status 0
        refute_stderr_contains level=warning
        refute_stderr_contains "trying again"
        grep -qF "\"realm\":\"https://$NGINX/token\"" "$FILE"
        requests >/dev/null
        pull
        assert_equal "$(first_request)" "GET /token 200"
    done
}

@test "cache: a realm that has moved, and the old one still answers" {
    pushed
    front "https://$NGINX/moved"
    requests >/dev/null
    pull
    # The registry takes the tokens of both: nothing shows that the realm has moved.
    assert_equal "$(first_request)" "GET /token 200"
    assert_status 0
    # Of this realm, the registry takes no token.
    sed -i "s|/token\"|/stale\"|" "$FILE"
    pull
    front "https://$NGINX/token"
    assert_status 0
    assert_stderr_contains "asks for another login than before"
    grep -qF "\"realm\":\"https://$NGINX/moved\"" "$FILE"
    run requests
    assert_equal "$(printf '%s\n' "${lines[@]}" | grep -v '/v2/ ' | head -n 5 | cut -d' ' -f1,3 | xargs)" \
        "GET 200 GET 401 GET 401 GET 200 GET 200"
    pull
    assert_equal "$(first_request)" "GET /moved 200"
}

@test "cache: several requests side by side with a token that is refused" {
    local i refs=()
    for i in 1 2 3 4 5 6; do
        refs+=("$REF-$i")
        add_image "$REF-$i" 200 "$REF-$i"
    done
    tls push "${refs[@]}"
    assert_status 0
    sed -i "s|/token\"|/stale\"|" "$FILE"
    tls pull --store "$OTHER" "${refs[@]}"
    assert_status 0
    sed -i 's|"scheme":"bearer","realm":"[^"]*","service":"[^"]*"|"scheme":"basic"|' "$FILE"
    tls pull --store "$OTHER-2" "${refs[@]}"
    assert_status 0
    grep -qF "\"realm\":\"https://$NGINX/token\"" "$FILE"
}

@test "cache: a registry that spoke HTTP/2 before, and no longer does" {
    local i refs=()
    for i in 1 2 3 4 5 6 7 8; do
        refs+=("$REF-$i")
        add_image "$REF-$i" 200 "$REF-$i"
    done
    tls push "${refs[@]}"
    assert_status 0
    run ! grep http2 "$FILE"
    sed -i 's/"seen"/"http2":1,"seen"/' "$FILE"
    tls pull --store "$OTHER" "${refs[@]}"
    assert_status 0
    refute_stderr_contains "trying again"
    run ! grep http2 "$FILE"
}

@test "cache: a wrong password is tried once" {
    pushed
    credentials "$REGISTRY_USER" wrong
    pull
    assert_status 1
    assert_stderr_contains "the registry does not take this login"
    assert_equal "$(requests | grep -c /token)" 1
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD"
    pull
    assert_status 0
    assert_equal "$(first_request)" "GET /token 200"
}

@test "cache: the login of one repository is refused, and that of another is tried" {
    local second=$NGINX/own/other$BATS_TEST_NUMBER:v1
    pushed
    add_image "$second" 200 "$second"
    tls push "$second"
    printf '{"auths":{"%s":{"auth":"%s"},"%s":{"auth":"%s"}}}' \
        "${REF%:v1}" "$(printf %s "$REGISTRY_USER:wrong" | base64 -w0)" \
        "${second%:v1}" "$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)" \
        >"$HOME/.docker/config.json"
    requests >/dev/null
    tls pull --store "$OTHER" "$REF" "$second"
    assert_status 1
    assert_output_contains "$second@"
    assert_equal "$(requests | grep -c '/token 401')" 1
}

@test "cache: an access that is refused is refused as without the memory" {
    pushed
    rm -r "$HOME/.docker"
    pull --no-cache
    assert_status 1
    local said
    said=$(grep 'level=error\|^wasme' <<<"$stderr" | tail -n 1)
    pull
    assert_status 1
    assert_equal "$(grep 'level=error\|^wasme' <<<"$stderr" | tail -n 1)" "$said"
}

@test "cache: Basic is remembered as Basic, and each change is followed" {
    local bearer=$FILE.bearer
    pushed
    cp "$FILE" "$bearer"
    sed -i 's|"scheme":"bearer","realm":"[^"]*","service":"[^"]*"|"scheme":"basic"|' "$FILE"
    pull
    assert_status 0
    assert_stderr_contains "asks for user and password, as it did before"
    cmp <(sed 's/"seen":[0-9]*//' "$FILE") <(sed 's/"seen":[0-9]*//' "$bearer")
    # The password went to the registry that asks for it no more, and not to a realm of its own.
    assert_equal "$(requests | cut -d' ' -f1,3 | head -n 3 | xargs)" "GET 401 GET 401 GET 200"
}

@test "cache: a registry that asks for no login, until it does" {
    start_registry plain
    local open=$REGISTRY port=${REGISTRY##*:}
    REF=$REGISTRY/a/test:v1
    credentials tester wrong "$REGISTRY"
    add_image "$REF" 100000 random
    try push "$REF"
    assert_status 0
    grep -qF '"scheme":"none"' "$FILE"
    add_image "$REF" 110000 random
    try push -v "$REF"
    assert_status 0
    refute_stderr_contains "credentials from"
    # The same host and port then want a login, which is wrong: it is tried once.
    stop_background "$(tail -n 1 "$(background_dir)/pids")"
    REGISTRY_ADDRESS=127.0.0.1:$port start_registry basic
    assert_equal "$REGISTRY" "$open"
    add_image "$REF" 120000 random
    registry_mark
    try push "$REF"
    assert_status 1
    assert_stderr_contains "does not take this login"
    assert_equal "$(grep -c 'error authenticating user' "$REGISTRY_LOG.err")" 1
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD" "$REGISTRY"
    try push "$REF"
    assert_status 0
    grep -qF '"scheme":"basic"' "$FILE"
    run ! grep -F '"scheme":"none"' "$FILE"
}

@test "cache: a registry with Basic gets the login with the first request" {
    start_registry basic
    REF=$REGISTRY/a/test:v1
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD" "$REGISTRY"
    add_image "$REF"
    try push "$REF"
    assert_status 0
    registry_mark
    try pull -v --store "$OTHER" "$REF"
    assert_status 0
    assert_stderr_contains "asks for user and password, as it did before"
    assert_equal "$(count_requests '.*" 401 ')" 0
    # The registry asked for a token before.
    sed -i 's|"scheme":"basic"|"scheme":"bearer","realm":"http://'"$REGISTRY"'/v2/"|' "$FILE"
    try pull --store "$OTHER-2" "$REF"
    assert_status 0
    grep -qF '"scheme":"basic"' "$FILE"
    # A wrong password is sent once.
    credentials "$REGISTRY_USER" wrong "$REGISTRY"
    registry_mark
    try pull --store "$OTHER-3" "$REF"
    assert_status 1
    assert_equal "$(count_requests '.*" 401 ')" 1
    # Nobody's login.
    rm -r "$HOME/.docker"
    try pull --store "$OTHER-3" "$REF"
    assert_status 1
    assert_stderr_contains "no credentials for $REGISTRY"
}

@test "cache: another registry on the same host and port" {
    pushed
    start_registry plain
    front "https://$NGINX/token" "$REGISTRY_URL"
    tls push "$REF" # needs no login now, and takes the one that is sent
    front "https://$NGINX/token"
    assert_status 0
    pull
    assert_status 0
}

@test "cache: a damaged, foreign or huge file counts as none" {
    local damage
    pushed
    for damage in "echo garbage >$FILE" ": >$FILE" "head -c 300000 /dev/zero >>$FILE" \
        "chmod 644 $FILE" "mv $FILE $FILE.old; ln -s $FILE.old $FILE" \
        "rm $FILE; mkfifo -m 600 $FILE" "sed -i s/format/tamrof/ $FILE" \
        "sed -i 's/\"seen\":[0-9]*/\"seen\":1000000000/' $FILE" \
        "sed -i 's/\"seen\":[0-9]*/\"seen\":5000000000/' $FILE" \
        "sed -i 's|https://[^\"]*/token|file:///etc/passwd|' $FILE" "chmod 777 $CACHE"; do
        eval "$damage"
        requests >/dev/null
        pull
        assert_status 0
        refute_stderr_contains level=warning
        assert_equal "$(first_request | cut -d' ' -f3)" 401
        chmod 700 "$CACHE"
        pull
        requests >/dev/null
        pull
        assert_equal "$(first_request)" "GET /token 200"
    done
    rm "$FILE"
    mkdir "$FILE"
    pull
    assert_status 0
    rm -rf "$CACHE"
    : >"$CACHE" # a file in the place of the folder
    pull
    assert_status 0
}

@test "cache: no password goes where a registry could not send it" {
    local port evil log=$PWD/evil
    pushed
    python3 - "$log.asked" >"$log.port" <<'END' &
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
s.settimeout(60)
try:
    s.accept(); open(sys.argv[1], "w").write("asked")
except OSError: pass
END
    wait_until 10 test -s "$log.port"
    port=$(cat "$log.port")
    # A realm of plain http for a registry with TLS, and special addresses.
    for evil in "http://127.0.0.1:$port/token" "http://169.254.169.254/token" \
        "https://169.254.169.254/token" "https://metadata.google.internal/token"; do
        sed -i "s|\"realm\":\"[^\"]*\"|\"realm\":\"$evil\"|" "$FILE"
        pull
        assert_status 0
        assert_stderr_contains "asks for bearer, realm https://$NGINX/token"
    done
    # A registry with a public name, and a realm on this machine.
    printf '{"format":1,"registries":[{"host":"public.invalid","over":"https","scheme":"bearer","realm":"https://127.0.0.1:%s/token","seen":%s}]}' \
        "$port" "$(date +%s)" >"$FILE"
    credentials user secret public.invalid
    try pull -v --retries 0 --store "$OTHER" public.invalid/a/b:v1
    assert_status 1
    refute_stderr_contains "as it did before"
    [[ ! -e $log.asked ]]
}

@test "cache: of a certificate that is not verified, a foreign realm is not remembered" {
    add_image "$REF"
    try push --insecure "$REF"
    assert_status 0
    grep -qF '"over":"unverified"' "$FILE" # of its own origin, and for --insecure alone
    requests >/dev/null
    pull
    assert_status 0
    assert_equal "$(first_request | cut -d' ' -f3)" 401
    rm "$FILE"
    front "https://localhost:$FRONT_PORT/token"
    try push --insecure "$REF"
    assert_status 0
    [[ ! -e $FILE ]] || {
        cat "$FILE"
        false
    }
    tls push "$REF"
    front "https://$NGINX/token"
    assert_status 0
    grep -qF "\"realm\":\"https://localhost:$FRONT_PORT/token\"" "$FILE"
}

@test "cache: a realm of the registry's own origin, behind a name that leads further inward" {
    local name
    name=$(hostname)
    [[ $name != localhost && $(getent ahostsv4 "$name" | head -n 1) == 127.0.0.1\ * ]] ||
        skip "the name of this machine does not lead to 127.0.0.1"
    REF=$name:$FRONT_PORT/own/test:v1
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD" "$name:$FRONT_PORT"
    add_image "$REF"
    # That name is public as it is written, and only an answer shows the address behind it.
    front "https://$name:$FRONT_PORT/token"
    export NO_PROXY=$name no_proxy=$name
    requests >/dev/null
    try push --insecure "$REF"
    assert_status 0
    assert_equal "$(requests | cut -d' ' -f1,3 | head -n 2 | xargs)" "HEAD 401 GET 200"
    try pull -v --insecure --store "$OTHER" "$REF"
    assert_status 0
    assert_stderr_contains "as it did before"
    assert_equal "$(requests | cut -d' ' -f1,3 | xargs)" "GET 200 GET 200 GET 200 GET 200"
    front "https://$NGINX/token"
}

@test "cache: over plain http, a foreign realm is not remembered" {
    local plain
    plain=$TOKEN_REGISTRY
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD" "$plain"
    add_image "$plain/own/test:v1"
    try push "$plain/own/test:v1"
    assert_status 0
    assert_equal "$(grep -c GET "$TOKEN_LOG")" 1
    [[ -f $CACHE/blobs && ! -e $FILE ]]
    # It is not believed of a file either.
    printf '{"format":1,"registries":[{"host":"%s","over":"http","scheme":"bearer","realm":"http://127.0.0.1:%s/token","service":"x","seen":%s}]}' \
        "$plain" "$TOKEN_PORT" "$(date +%s)" >"$FILE"
    chmod 600 "$FILE"
    try pull -v --store "$OTHER" "$plain/own/test:v1"
    assert_status 0
    refute_stderr_contains "as it did before"
}

@test "cache: doctor and login ask afresh" {
    pushed
    local before
    before=$(cat "$FILE")
    tls doctor "${REF%:*}"
    assert_status 0
    assert_equal "$(first_request | cut -d' ' -f2-3)" "/v2/ 401"
    tls login "$NGINX" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_equal "$(first_request | cut -d' ' -f2-3)" "/v2/ 401"
    assert_equal "$(cat "$FILE")" "$before"
}

@test "cache: a credential helper that fails is told as without the memory" {
    REF=$NGINX/public/test$BATS_TEST_NUMBER:v1
    pushed
    echo '{"credsStore":"no-such-helper"}' >"$HOME/.docker/config.json"
    pull --no-cache
    local without=$status
    pull
    assert_status "$without"
    grep -qF "https://$NGINX/token" "$FILE"
}
