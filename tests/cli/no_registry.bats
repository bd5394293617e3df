#!/usr/bin/env bats
# A web server that answers every request with 200 is no registry: a real nginx with no registry
# behind it.

load helper

setup_file() {
    scratch
    skip_unless nginx
    [[ ! ${SKIP_FILE:-} ]] || return 0
    mkdir -p site
    echo '<!doctype html><div id=app></div>' >site/index.html
    # A portal's page for everything; an application in one page, whose server looks for a file
    # first; an API of something else; a registry whose token service is a portal.
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    default_type text/html;
    location / { return 200 '<html><form action=login></form></html>'; }
}
server {
    listen 127.0.0.2:@PORT@;
    root $PWD/site;
    error_page 405 =200 /index.html;
    location / { try_files \$uri /index.html; }
}
server {
    listen 127.0.0.3:@PORT@;
    default_type application/json;
    location / { return 200 '{"status":"ok"}'; }
}
server {
    listen 127.0.0.5:@PORT@;
    location / { return 404 'not here'; }
}
server {
    listen 127.0.0.4:@PORT@;
    location /token { default_type text/html; return 200 '<html>log in</html>'; }
    location /v2/ {
        add_header WWW-Authenticate 'Bearer realm="http://127.0.0.4:@PORT@/token",service="s"' always;
        return 401 '';
    }
}
END
    export SITE_PORT=${NGINX#*:}
}

setup() {
    scratch
    SITES="127.0.0.1:$SITE_PORT 127.0.0.2:$SITE_PORT 127.0.0.3:$SITE_PORT"
    add_image local/filter:v1 3000
}

# refuses COMMAND...: the command fails, prints nothing, and says which address is no registry. In
# the words, SITE is replaced by each of the sites.
refuses() {
    local site word words
    for site in $SITES; do
        words=()
        for word; do words+=("${word//SITE/$site}"); done
        try "${words[@]}"
        assert_status 1
        assert_output ""
        assert_stderr_contains "no registry answers at $site: 200 came"
    done
}

@test "push and copy: nothing is stored by a web server, and nothing is said to be" {
    for site in $SITES; do
        "$WASME" tag local/filter:v1 "$site/a/b:v1" 2>/dev/null
    done
    refuses push SITE/a/b:v1
    refute_stderr_contains "Pushed"
    refuses copy store:local/filter:v1 SITE/a/b:v1
    refute_stderr_contains "Copied"
}

@test "copy between registries: neither the source nor the target may be a web server" {
    skip_unless docker-registry
    start_registry plain
    "$WASME" tag local/filter:v1 "$REGISTRY/a/b:v1" 2>/dev/null
    "$WASME" push "$REGISTRY/a/b:v1" 2>/dev/null
    refuses copy "$REGISTRY/a/b:v1" SITE/a/b:v1
    SITES="127.0.0.1:$SITE_PORT 127.0.0.2:$SITE_PORT"
    refuses copy SITE/a/b:v1 "$REGISTRY/c/d:v1"
}

@test "login: the password is not kept" {
    for site in $SITES; do
        try login -u somebody --password-stdin "$site" <<<secret
        assert_status 1
        assert_stderr_contains "no registry answers at $site: 200 came"
    done
    run ! grep -q "$SITE_PORT" "$HOME/.wasme/credentials.json"
}

@test "tags, catalog, search, list --published" {
    refuses tags SITE/a/b
    refuses catalog SITE
    refuses search -s SITE filter
    refuses list --published --server SITE
}

@test "pull, check and rm --remote" {
    SITES="127.0.0.1:$SITE_PORT 127.0.0.2:$SITE_PORT"
    refuses pull SITE/a/b:v1
    refuses rm --remote SITE/a/b:v1
    for site in $SITES; do
        try check "$site/a/b:v1"
        assert_status 1
        assert_stderr_contains "no registry answers at $site: 200 came"
    done
}

@test "catalog: a server without such a list" {
    try catalog "127.0.0.5:$SITE_PORT"
    assert_status 1
    assert_stderr_contains "GET catalog: 404 Not Found: not here: there is no such list: either no registry"
    refute_stderr_contains "lost a part"
}

@test "doctor: a web server is no registry" {
    for site in $SITES; do
        try doctor "$site"
        assert_status 1
        [[ $output == *"no registry answers at $site: 200 came"* ]]
    done
}

@test "a token service that answers with a web page is named" {
    try pull "127.0.0.4:$SITE_PORT/a/b:v1"
    assert_status 1
    assert_stderr_contains "http://127.0.0.4:$SITE_PORT"
    assert_stderr_contains "a web page came"
    assert_stderr_contains "external_url"
}

# A proxy that removes fields of the header: wasme still finds the image.
@test "push: a manifest that was stored without a word is looked for" {
    start_registry plain
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    client_max_body_size 0;
    proxy_set_header Host \$http_host;
    error_page 418 = @put;
    location / { proxy_pass @REGISTRY_URL@; }
    location ~ /manifests/ {
        if (\$request_method = PUT) { return 418; }
        proxy_pass @REGISTRY_URL@;
    }
    location @put {
        proxy_hide_header Location;
        proxy_hide_header Docker-Content-Digest;
        proxy_pass @REGISTRY_URL@;
    }
}
END
    add_image "$NGINX/bare/filter:v1" 3000
    try push "$NGINX/bare/filter:v1"
    assert_status 0
    assert_output_contains "@sha256:"
    refute_stderr_contains "no registry"
    try pull "$NGINX/bare/filter:v1" --store other
    assert_status 0
}
