#!/usr/bin/env bats
# The EXAMPLES of the man pages and the main job of README.md, as a user would run them. Real
# registries take the place of the hosts in the examples; scripts take the place of ssh, kubectl,
# the tool of AWS, docker, and of TinyGo when it is not installed.

load helper

setup_file() {
    scratch
    skip_unless docker-registry htpasswd openssl python3 jq curl git groff
    [[ ! ${SKIP_FILE:-} ]] || return 0
    export PASSWORD='pass word' USERS
    start_registry basic
    USERS=${REGISTRY_DATA%/data}/htpasswd
    for user in robot 'robot$project+ci' AWS; do
        htpasswd -bB "$USERS" "$user" "$PASSWORD" 2>/dev/null
    done
    export HARBOR=$REGISTRY
    start_registry plain
    export MIRROR=$REGISTRY
    start_registry tls
    export INTERNAL=$REGISTRY
    make_bin "$BATS_FILE_TMPDIR/bin"
    make_world "$BATS_FILE_TMPDIR/world"
}

setup() {
    scratch
    PAGES=$BATS_TEST_TMPDIR/pages
    mkdir "$PAGES"
}

# A wasme that serves in the background, and the scripts in place of other tools.
make_bin() {
    mkdir "$1"
    cat >"$1/wasme" <<'END'
#!/bin/bash
[[ $1 != run ]] || type -P envoy >/dev/null || exit 0
if [[ $1 == run && " $* " != *" --check "* && " $* " != *" --test "* ]]; then
    "$WASME" "$@" >~/running 2>~/running.log </dev/null &
    echo $! >>~/servers
    until [[ -s ~/running ]]; do kill -0 $! && sleep 0.05; done
    exit
fi
[[ $1 == serve ]] || exec "$WASME" "$@"
"$WASME" "$@" -p 0 >~/served 2>&1 </dev/null &
echo $! >>~/servers
until grep -q CTRL-C ~/served; do sleep 0.05; done
sed -nE 's|.*http://127\.0\.0\.1:([0-9]+).*|\1|p' ~/served >~/port
END
    printf '#!/bin/sh\nshift\nHOME=$HOME/there exec "$@"\n' >"$1/ssh"
    printf '#!/bin/sh\nprintf %%s "$PASSWORD"\n' >"$1/aws"
    cat >"$1/kubectl" <<'END'
#!/bin/sh
auth=$(printf %s "robot:$PASSWORD" | base64 -w0)
printf '{"auths":{"%s":{"auth":"%s"}}}' "$HARBOR" "$auth" | base64 |
    jq -Rs '{apiVersion: "v1", kind: "Secret", type: "kubernetes.io/dockerconfigjson",
        data: {".dockerconfigjson": .}}'
END
    cat >"$1/docker" <<'END' # an image with the tools of this machine
#!/bin/bash
[[ $1 == run ]] || exec echo "[]"
while [[ $1 != --entrypoint= ]]; do
    case $1 in
    --env) if [[ $2 == *=* ]]; then export "$2"; fi ;;
    --workdir) cd "$2" ;;
    esac
    shift
done
exec "${@:3}"
END
    chmod +x "$1"/*
    command -v tinygo >/dev/null || ln -s "$ROOT/tests/fake/tinygo" "$1/tinygo"
}

# The world of the examples: $1/home, and $1/home/work, the folder in which they run.
make_world() {
    local HOME=$1/home
    mkdir -p "$HOME/projects" "$HOME/work" "$HOME/there"
    cp -r "$ROOT/examples/add-header-tinygo" "$HOME/projects/filter"
    cd "$HOME/work" || return 1
    cp -r "$ROOT"/examples/add-header/{Cargo.toml,Cargo.lock,src} .
    printf '[features]\ntracing = []\n' >>Cargo.toml
    mkdir target
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    cp filter.wasm target/
    golden_config runtime-config.json
    printf %s "$PASSWORD" >secret
    cp "$CA_FILE" company.pem
    git init -q . && git -c user.name=me -c user.email=me@example.com commit -q --allow-empty -m begin
    make_filters
    log_in_and_push
    HOME=$HOME/there "$WASME" build precompiled filter.wasm -t filter:v1
} >"$BATS_FILE_TMPDIR/world.log" 2>&1

# A repository with a TinyGo filter in a folder, at a tag.
make_filters() {
    local repo=$BATS_FILE_TMPDIR/filters.git
    mkdir -p "$repo/filters"
    cp -r "$ROOT/examples/add-header-tinygo" "$repo/filters/auth"
    git init -q "$repo"
    git -C "$repo" add .
    git -C "$repo" -c user.name=me -c user.email=me@example.com commit -q -m begin
    git -C "$repo" tag v1.2
}

log_in_and_push() {
    local ref
    "$WASME" login "$HARBOR" -u robot --password-stdin <secret
    for ref in "$HARBOR"/base/filter:{v0,v1} filter:{v1,v2,dev} "$INTERNAL/filter:v1"; do
        "$WASME" build precompiled filter.wasm -t "$ref"
    done
    "$WASME" push "$HARBOR/base/filter:v0"
    make_wasm other.wasm
    "$WASME" build precompiled other.wasm -t "$HARBOR/base/filter:v0"
    "$WASME" push "$HARBOR/base/filter:v0"
    "$WASME" push "$HARBOR/base/filter:v1" >pinned.txt
    "$WASME" push "$INTERNAL/filter:v1" --ca-file company.pem
    "$WASME" save filter:v1 filter:v2 -o filters.tar
    "$WASME" save filter:v1 -o filter.tar
}

# The page's source, expanded as for the installation.
page_of() {
    awk -v wasme="$WASME" -v version=0 -v command="${1#wasme-}" -f "$ROOT/man/expand.awk" \
        "$ROOT/man/$1.1.in"
}

# The commands of a page: the text between .nf and .fi in its EXAMPLES, as a reader sees it.
examples_of() {
    page_of "$1" | awk '/^\.SH / { on = $2 == "EXAMPLES"; next } on && /^\.nf/ { show = 1; next }
        /^\.fi/ { show = 0 } show' |
        sed -e 's/\\(aq/'"'"'/g; s/\\(ti/~/g; s/\\(ha/^/g; s/\\(ga/`/g; s/\\-/-/g; s/\\&//g; s/\\e/\\/g'
}

# The same with the addresses of the registries in place of the names.
runnable() {
    sed -e "s|harbor\.example|$HARBOR|g; s|mirror\.internal|$MIRROR|g; s|registry\.internal|$INTERNAL|g" \
        -e "s|[0-9a-z]*\.dkr\.ecr\.[a-z0-9-]*\.amazonaws\.com|$HARBOR|g" \
        -e "s|https://git\.example/|file://$BATS_FILE_TMPDIR/|g" \
        -e 's|127\.0\.0\.1:8080|127.0.0.1:$(cat ~/port)|g'
}

run_page() {
    local page=$1
    examples_of "$page" | run_script "$page"
}

# Runs the commands on standard input in a new world.
run_script() { # NAME
    local page=$1 status=0 pid
    cp -r "$BATS_FILE_TMPDIR/world" "$PAGES/$page"
    runnable >"$PAGES/$page/script"
    [[ -s $PAGES/$page/script ]] || complain "$page has no EXAMPLES" || return 1
    (
        export HOME=$PAGES/$page/home
        export PATH=$BATS_FILE_TMPDIR/bin:/usr/bin:$PATH WASME
        export FAKE_TINYGO_VERSION=0.35.0 FAKE_TINYGO_LOG=$HOME/tinygo.log \
            FAKE_TINYGO_OUTPUT=$ROOT/examples/add-header.wasm
        cd "$HOME/work" && timeout 120 bash -e -o pipefail ../../script </dev/null
    ) >"$PAGES/$page/log" 2>&1 3>&- || status=$?
    [[ ! -e $PAGES/$page/home/servers ]] || while read -r pid; do
        stop_background "$pid"
    done <"$PAGES/$page/home/servers"
    ((status == 0)) || {
        echo "the examples of $page ended with status $status:"
        cat "$PAGES/$page/script" "$PAGES/$page/log"
        return 1
    }
}

pages() {
    find "$ROOT/man" -name '*.1.in' -printf '%f\n' | sed 's/\.1\.in$//' | sort
}

@test "examples: every page has EXAMPLES before SEE ALSO, and wasme's own begin with those of --help" {
    local page
    for page in $(pages); do
        assert_equal "$(grep '^\.SH ' "$ROOT/man/$page.1.in" | tail -n 2 | tr '\n' ' ')" \
            ".SH EXAMPLES .SH SEE ALSO " "$page"
        [[ $page != wasme ]] || continue
        assert_equal "$(examples_of "$page" | head -n 1)" \
            "$("$WASME" "${page#wasme-}" --help | sed -n '$s/^  //p')" "$page"
        assert_equal "$("$WASME" "${page#wasme-}" --help | tail -n 2 | head -n 1)" "Example:"
    done
}

@test "examples: a reader can copy them from the page" {
    local page
    for page in $(pages); do
        page_of "$page" | groff -man -Tutf8 -rLL=200n 2>/dev/null |
            sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' >shown
        while read -r line; do
            grep -qF -- "$line" shown || complain "$page does not show: $line"
        done < <(examples_of "$page")
    done
}

@test "examples: each one does what it says" {
    local page failed=0
    for page in $(pages); do
        run_page "$page" || failed=$((failed + 1))
    done
    ((failed == 0))
    # The commands leave the files that a reader expects.
    assert_exists "$(image_dir "$HARBOR/base/filter:v1" "$PAGES/wasme-build/home/.wasme/store")/filter.wasm"
    grep -q '^\$ cd .*filter && .*tinygo build ' "$PAGES/wasme-build/log"
    assert_exists "$(image_dir docker.io/library/filter:0.1 "$PAGES/wasme-build/home/.wasme/store")"
    assert_same_file "$PAGES/wasme-pull/home/work/filter.wasm" "$ROOT/examples/add-header.wasm"
    assert_exists "$(image_dir docker.io/library/filter:v1 "$PAGES/wasme-save/home/there/.wasme/store")"
    assert_same_file "$PAGES/wasme-serve/home/work/filter.wasm" "$ROOT/examples/add-header.wasm"
    grep -q "$HARBOR" "$PAGES/wasme-login/home/.wasme/credentials.json"
    ! grep -q "$HARBOR" "$PAGES/wasme-logout/home/.wasme/credentials.json" || false
    refute_exists "$(image_dir docker.io/library/filter:v2 "$PAGES/wasme-rm/home/.wasme/store")"
}

@test "examples: one that rots is noticed" {
    mkdir -p root/man
    cp -r "$ROOT/man" "$ROOT/tests" "$ROOT/examples" root/
    sed -i 's/^wasme push \\-\\-ca/wasme push \\-\\-no\\-such/' root/man/wasme-push.1.in
    ROOT=$PWD/root run run_page wasme-push
    [[ $status -ne 0 && $output == *"no option --no-such"* ]]
}

@test "examples: the main job of README.md runs, says what it shows, and its table has every command" {
    local command line
    sed -n 's/^    \$ //p' "$ROOT/README.md" | run_script readme
    # Each shown line without digits must be in the real output.
    sed "s|$HARBOR|harbor.example|" "$PAGES/readme/log" "$PAGES/readme/home/served" | tr -s ' ' >came
    while read -r line; do
        grep -qF -- "$line" came || complain "never said: $line"
    done < <(sed -n '/^    \$ /,/^$/{/^    \$ /d; /^    [^0-9]*$/p}' "$ROOT/README.md" | tr -s ' ')
    for command in $("$WASME" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
        [[ $command == help || $command == version ]] || grep -q "^| .*\`wasme $command\b\|^| .*, \`$command " \
            "$ROOT/README.md" || complain "README.md has no row for $command"
    done
}
