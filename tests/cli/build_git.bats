#!/usr/bin/env bats
# Sources from git: a real `git http-backend` behind nginx, sshd, files, and a server that lies. And
# --provenance.

load helper
load git
load toolchains

setup_file() {
    scratch
    start_git_server
    [[ ! ${SKIP_FILE:-} ]] || return 0
    make_repository "$REPOS"
    git_apart -C "$REPOS/filter.git" config uploadpack.allowAnySHA1InWant true
    # The same, whose server gives no commit by its id.
    cp -r "$REPOS/filter.git" "$REPOS/strict.git"
    git_apart -C "$REPOS/strict.git" config uploadpack.allowAnySHA1InWant false
    start_sshd
}

setup() {
    scratch
    unset GIT_SSH_COMMAND GIT_SSH GIT_DIR SSH_AUTH_SOCK
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null TMPDIR=$PWD/tmp
    mkdir -p "$TMPDIR"
    FILE=filters/auth/filter.wasm
    OPEN=$GIT_URL/open/filter.git
    LOCKED=https://$NGINX/locked/filter.git
    : >"$NGINX_LOG"
}

# fetch SOURCE [OPTION...]: builds the finished module that the source names.
fetch() {
    try build precompiled "$1" -t fetched:v1 --ca-file "$CA_FILE" "${@:2}"
    [[ -z $(ls "$TMPDIR") ]] || complain "left behind: $(ls "$TMPDIR")"
}

assert_fetched() { # NAME: the module of that commit
    assert_status 0
    assert_same_file "$REPOS/$1.wasm" "$(image_dir docker.io/library/fetched:v1)/filter.wasm"
}

refused() { # STATUS WORDS...
    local words
    assert_status "$1"
    for words in "${@:2}"; do assert_stderr_contains "$words"; done
    refute_exists "$STORE"
    [[ $stderr != *"$GIT_PASSWORD"* ]] || complain "the password is shown"
}

annotation() { # KEY: of the image that is stored
    jq -r --arg key "org.opencontainers.image.$1" '.annotations[$key]' \
        "$(image_dir docker.io/library/fetched:v1)/manifest.json"
}

@test "https with a private CA: default branch, branch, tags, commits, whole names" {
    local last hidden
    last=$(commit_of "$REPOS/filter.git" main) hidden=$(<"$REPOS/hidden")
    while IFS='|' read -r ref name; do
        fetch "$OPEN#$ref:$FILE"
        assert_fetched "$name"
        rm -r "$STORE"
    done <<END
|last
main|last
HEAD|last
dev|second
v1.0|first
v1.2|second
refs/tags/v1.2|second
heads/dev|second
$last|last
${last^^}|last
$hidden|hidden
END
}

@test "a commit that no name stands for, from a server that gives none by its id" {
    fetch "$GIT_URL/open/strict.git#$(<"$REPOS/hidden"):$FILE"
    assert_fetched hidden
    rm -r "$STORE"
    fetch "$GIT_URL/open/strict.git#$(printf '%040d' 7):$FILE"
    refused 1 "has no commit 0000000000000000000000000000000000000007"
    fetch "$OPEN#$(printf '%040d' 7):$FILE"
    refused 1 "has no commit 0000000000000000000000000000000000000007"
}

@test "only the commit that is asked for is fetched, without its history" {
    local big=$REPOS/big
    mkdir -p "$big"
    if [[ ! -d $REPOS/big.git ]]; then
        git_apart init -q "$big/work"
        head -c 3000000 /dev/urandom >"$big/work/large"
        commit "$big/work" before
        git_apart -C "$big/work" rm -q large
        commit "$big/work" after
        git_apart clone -q --bare "$big/work" "$REPOS/big.git"
    fi
    fetch "$GIT_URL/open/big.git#main:$FILE"
    assert_status 0
    settle
    [[ $(awk '{ sum += $6 } END { print sum + 0 }' "$NGINX_LOG") -lt 20000 ]]
}

# The server logs a request after its answer.
settle() {
    curl -s --cacert "$CA_FILE" "$GIT_URL/settled" -o /dev/null
    wait_until 10 grep -q settled "$NGINX_LOG"
}

@test "a certificate of an unknown authority is refused; SSL_CERT_FILE, certs.d and --insecure" {
    try build precompiled "$OPEN#:$FILE" -t fetched:v1
    refused 1 "certificate" "--ca-file" "source $OPEN"
    SSL_CERT_FILE=$CA_FILE try build precompiled "$OPEN#:$FILE" -t fetched:v1
    assert_fetched last
    rm -r "$STORE"
    mkdir -p "$HOME/.docker/certs.d/$NGINX"
    cp "$CA_FILE" "$HOME/.docker/certs.d/$NGINX/ca.crt"
    try build precompiled "$OPEN#:$FILE" -t fetched:v1
    assert_fetched last
    rm -r "$HOME/.docker" "$STORE"
    try build precompiled "$OPEN#:$FILE" -t fetched:v1 --insecure
    assert_fetched last
    rm -r "$STORE"
    try build precompiled "$OPEN#:$FILE" -t fetched:v1 --ca-file missing.pem
    refused 1 "missing.pem"
}

@test "a name that is not there: the error has names that resemble it" {
    fetch "$OPEN#v1.3:$FILE"
    refused 1 'no branch or tag "v1.3": similar are v1.2, v1.0' "$OPEN"
    fetch "$OPEN#feature:$FILE"
    refused 1 'no branch or tag "feature": there are v1.2, v1.0, main, dev'
    fetch "$OPEN#$(cut -c 1-8 "$REPOS/hidden"):$FILE"
    refused 1 "all 40 digits"
    cp -r "$REPOS/filter.git" "$REPOS/blob.git"
    git_apart -C "$REPOS/blob.git" tag a-file main:version
    fetch "$GIT_URL/open/blob.git#a-file:$FILE"
    refused 1 "is the id of a file or a folder, and of no commit"
    git_apart init -q --bare "$REPOS/empty.git"
    fetch "$GIT_URL/open/empty.git"
    refused 1 "is empty"
}

@test "addresses that are refused" {
    while IFS='|' read -r source words; do
        fetch "$source"
        refused 2 "$words"
    done <<'END'
git://git.example/x.git|git:// protocol neither encrypts
ftp://git.example/x.git|https, ssh or file
https://git.example|names no repository
https://git.example/|names no repository
https://user:s3cret@x@git.example/|names no repository
https://-oProxyCommand=x/x.git|its host is not one
ssh://-oProxyCommand=x/x.git|its host is not one
ssh://-l@git.example/x.git|cannot be used
https://a%0ahost=b@git.example/x.git|cannot be used
https://git.example/x.git#a..b|no branch, tag or commit
https://git.example/x.git#--upload-pack=x|no branch, tag or commit
https://git.example/x.git#main:../x|".."
https://git.example/x.git#main:a/../../x|".."
https://git.example:99999999/x.git|its host is not one
http://git.example/x.git|--plain-http
u@-oProxyCommand=x:x.git|write USER@HOST:PATH
END
}

@test "the folder: a link within the repository is followed, one out of it never" {
    local repo=$REPOS/linked
    if [[ ! -d $repo ]]; then
        git_apart init -q "$repo"
        ln -s filters/auth "$repo/inside"
        ln -s ../outside "$repo/outside"
        ln -s /etc "$repo/absolute"
        ln -s inside/../../../.. "$repo/around"
        ln -s . "$repo/here"
        ln -s here/.. "$repo/sly"
        ln -s a "$repo/b"
        ln -s b "$repo/a"
        commit "$repo" linked
    fi
    fetch "file://$repo#:inside/filter.wasm"
    assert_status 0
    assert_same_file "$REPOS/linked.wasm" "$(image_dir docker.io/library/fetched:v1)/filter.wasm"
    assert_stderr_matches 'the link [a-z]* leads out of the repository or in a circle'
    assert_stderr_contains "4 more links"
    rm -r "$STORE"
    for dir in outside absolute/hostname around sly a nowhere version/x; do
        fetch "file://$repo#:$dir"
        refused 1 "has no folder \"$dir\""
    done
    fetch "file://$repo#:version"
    assert_status 1
    assert_stderr_contains "file://$repo#:version: not a WebAssembly module"
}

@test "one file of C in a repository, and one that no compiler takes" {
    use_clang
    git_apart init -q c
    cp "$ROOT/tests/filters/header-c/filter.c" c/
    echo text >c/text
    git_apart -C c add -A
    git_apart -C c commit -qm all
    try build "file://$PWD/c#:filter.c" -t fetched:v1
    assert_status 0
    assert_stderr_contains "LANGUAGE c, since"
    try build tinygo "file://$PWD/c#:text" -t fetched:v2
    assert_status 1
    assert_stderr_contains "source file://$PWD/c#:text is not a folder: name the folder that it stands in"
}

@test "a login: by git's credential helper, by the address, and none" {
    fetch "$LOCKED#:$FILE"
    refused 1 "wants a login" "credential helper" "source $LOCKED"
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/locked/filter.git#:$FILE" --provenance
    assert_fetched last
    refute_stderr_contains s3cret
    assert_equal "$(annotation source)" "$LOCKED"
    ! grep -rF s3cret "$STORE" || false
    rm -r "$STORE"
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/both/filter.git#:$FILE"
    assert_fetched last
    rm -r "$STORE"
    use_helper "$GIT_PASSWORD"
    fetch "$LOCKED#:$FILE"
    assert_fetched last
    assert_equal "$(grep -c action=get helper.log)" 1
    assert_equal "$(grep -A9 action=store helper.log | grep -c "password=$GIT_PASSWORD")" 1
    ! grep -q action=erase helper.log || false
    grep -q "^host=$NGINX$" helper.log
}

@test "a wrong login: the helper is told, and nothing is tried twice" {
    use_helper wrong-password
    fetch "$LOCKED#:$FILE"
    refused 1 "refuses the login of $GIT_USER"
    refute_stderr_contains wrong-password
    grep -q action=erase helper.log
    ! grep -q action=store helper.log || false
    settle
    assert_equal "$(grep -c ' /locked/' "$NGINX_LOG")" 2
    fetch "https://$GIT_USER:wrong-password@$NGINX/locked/filter.git#:$FILE"
    refused 1 "refuses the login" "in the address"
    refute_stderr_contains wrong-password
    fetch "https://$NGINX/bearer/filter.git"
    refused 1 "another kind than Basic"
}

@test "a login that git asks for on the terminal is not shown" {
    try_command python3 "$ROOT/tests/cli/terminal.py" Username "$GIT_USER" Password "$GIT_PASSWORD" \
        -- "$WASME" build precompiled "$LOCKED#:$FILE" -t fetched:v1 --ca-file "$CA_FILE"
    assert_fetched last
    refute_output_contains "$GIT_PASSWORD"
    assert_output_contains "echo is on"
}

@test "redirects: followed within git's protocol, and a login never to another server" {
    fetch "$GIT_URL/moved/filter.git#:$FILE"
    assert_fetched last
    rm -r "$STORE"
    use_helper "$GIT_PASSWORD"
    fetch "$GIT_URL/renamed/filter.git#:$FILE"
    assert_fetched last
    rm -r "$STORE"
    settle
    : >helper.log
    : >"$NGINX_LOG"
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/away/filter.git#:$FILE"
    refused 1 "redirects to https://localhost" "not carried to another server"
    refute_stderr_contains s3cret
    assert_equal "$(cat helper.log)" ""
    settle
    ! grep ' /locked/' "$NGINX_LOG" | grep -q 'auth=Basic' || false
    fetch "$GIT_URL/down/filter.git"
    refused 1 "from https to http://127.0.0.1"
    fetch "$GIT_URL/lost/filter.git"
    refused 1 "no address of git"
    fetch "$GIT_URL/loop/filter.git"
    refused 1 "redirects too often"
    fetch "$GIT_URL/open/missing.git"
    refused 1 "404"
}

# add_submodule REPO URL PATH [ID]: an entry as a hostile repository could have it.
add_submodule() {
    printf '[submodule "%s"]\n\tpath = %s\n\turl = %s\n' "$3" "$3" "$2" >>"$1/.gitmodules"
    git_apart -C "$1" add .gitmodules
    git_apart -C "$1" update-index --add --cacheinfo \
        "160000,${4:-$(commit_of "$REPOS/filter.git" dev)},$3"
    git_apart -C "$1" commit -qm "submodule $3"
}

# parent NAME URL: a repository with a submodule in lib/auth.
parent() {
    [[ ! -d $REPOS/$1 ]] || return 0
    git_apart init -q "$REPOS/$1"
    add_submodule "$REPOS/$1" "$2" lib/auth
    git_apart clone -q --bare "$REPOS/$1" "$REPOS/$1.git"
}

@test "submodules: relative, absolute, in one another, and with the login of their repository" {
    parent relative ../filter.git
    fetch "$GIT_URL/open/relative.git#:lib/auth/$FILE"
    assert_fetched second
    rm -r "$STORE"
    parent absolute "$GIT_URL/open/filter.git"
    fetch "$GIT_URL/open/absolute.git#:lib/auth/$FILE"
    assert_fetched second
    rm -r "$STORE"
    if [[ ! -d $REPOS/nested ]]; then
        git_apart init -q "$REPOS/nested"
        add_submodule "$REPOS/nested" ./../relative.git deep "$(commit_of "$REPOS/relative" main)"
        git_apart clone -q --bare "$REPOS/nested" "$REPOS/nested.git"
    fi
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/locked/nested.git#:deep/lib/auth/$FILE"
    assert_fetched second
    rm -r "$STORE"
    fetch "file://$REPOS/nested.git#:deep/lib/auth/$FILE"
    assert_fetched second
}

@test "hostile submodules: paths of this machine, other servers, options, loops, links" {
    parent local "$REPOS/filter.git"
    parent file "file://$REPOS/filter.git"
    for name in local file; do
        fetch "$GIT_URL/open/$name.git"
        refused 1 "submodule lib/auth" "a path of this machine"
    done
    parent other "https://localhost:${NGINX#*:}/locked/filter.git"
    use_helper "$GIT_PASSWORD"
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/locked/other.git"
    refused 1 "submodule lib/auth" "on another server"
    refute_exists helper.log
    # A login by the helper is for the submodules of a server that the user named, and for none that
    # another server named.
    parent back "$GIT_URL/locked/filter.git"
    if [[ ! -d $REPOS/there ]]; then
        git_apart init -q "$REPOS/there"
        add_submodule "$REPOS/there" "https://localhost:${NGINX#*:}/open/back.git" deep \
            "$(commit_of "$REPOS/back" main)"
        git_apart clone -q --bare "$REPOS/there" "$REPOS/there.git"
    fi
    fetch "$GIT_URL/open/there.git"
    refused 1 "submodule deep" "submodule lib/auth" "on another server"
    refute_exists helper.log
    parent option "--upload-pack=touch x"
    parent proxied "ssh://-oProxyCommand=touch%20x/x.git"
    fetch "$GIT_URL/open/option.git"
    refused 1 "submodule lib/auth" "source --upload-pack=touch x"
    fetch "$GIT_URL/open/proxied.git"
    refused 1 "submodule lib/auth" "its host is not one"
    parent plain "http://git.example/x.git"
    fetch "$GIT_URL/open/plain.git"
    refused 1 "plain http"
    if [[ ! -d $REPOS/unnamed ]]; then
        git_apart init -q "$REPOS/unnamed"
        add_submodule "$REPOS/unnamed" ../filter.git lib/auth
        git_apart -C "$REPOS/unnamed" rm -q --cached .gitmodules
        git_apart -C "$REPOS/unnamed" commit -qm none
    fi
    fetch "file://$REPOS/unnamed"
    refused 1 "has no address for it"
    if [[ ! -d $REPOS/including ]]; then
        git_apart init -q "$REPOS/including"
        printf '[include]\n\tpath = /etc/passwd\n' >"$REPOS/including/.gitmodules"
        add_submodule "$REPOS/including" ../filter.git lib/auth
    fi
    fetch "file://$REPOS/including"
    refused 1 'a section "include"'
}

@test "hostile trees: .git, names with \"..\", a file twice, folders without an end" {
    local repo=$REPOS/hostile blob tree
    git_apart init -q --bare "$repo"
    blob=$(echo x | git_apart -C "$repo" hash-object -w --stdin)
    # tree NAME < entries; a branch of that name has this tree
    tree() {
        tree=$(git_apart -C "$repo" hash-object -t tree -w --literally --stdin)
        git_apart -C "$repo" update-ref "refs/heads/$1" \
            "$(git_apart -C "$repo" commit-tree -m x "$tree")"
    }
    entry() { # MODE NAME ID
        printf '%s %s\0' "$1" "$2"
        # shellcheck disable=SC2046 # a word for each byte
        put_bytes $(fold -w 2 <<<"$3")
    }
    tree dotgit < <(entry 100644 config "$blob")
    tree dotgit < <(entry 40000 .Git "$tree")
    tree up < <(entry 100644 .. "$blob")
    tree slash < <(entry 100644 a/b "$blob")
    tree twice < <(entry 120000 a "$blob" && entry 100644 a "$blob")
    tree same < <(entry 100644 a "$blob" && entry 100644 a "$blob")
    tree mode < <(entry 10644 a "$blob")
    tree deep < <(entry 100644 a "$blob")
    for _ in {1..120}; do tree deep < <(entry 40000 d "$tree"); done
    tree wide < <(entry 100644 a "$blob")
    tree list < <(head -c 140000000 /dev/zero)
    for _ in {1..20}; do
        tree wide < <(for i in {a..j}; do entry 40000 "$i" "$tree"; done)
    done
    while IFS='|' read -r name words; do
        fetch "file://$repo#$name"
        refused 1 "$words"
    done <<'END'
dotgit|a file of the name ".Git"
up|a file of the name ".."
slash|a file of the name "a/b"
twice|make the link a
same|write a of the repository
mode|has a bad mode
deep|too deep
list|the lists of files of the repository have more than 134217728 bytes
END
    is_sanitized || {
        fetch "file://$repo#wide"
        refused 1 "files"
    }
}

@test "content of Git LFS is not fetched, and one warning says so" {
    local repo=$REPOS/lfs
    git_apart init -q "$repo"
    for name in a b; do
        printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345\n' 1 >"$repo/$name"
    done
    commit "$repo" lfs
    fetch "file://$repo#:$FILE"
    assert_status 0
    assert_equal "$(grep -c LFS <<<"$stderr")" 1
    assert_stderr_contains "2 files of the repository (a) only point"
}

@test "no filter and no hook of a repository runs, and files are the bytes that were committed" {
    local repo=$REPOS/filters
    git_apart init -q "$repo"
    printf '* filter=bad text eol=crlf\n$Id$\n' >"$repo/.gitattributes"
    git_apart -C "$repo" config filter.bad.smudge "touch $PWD/ran"
    printf '#!/bin/sh\ntouch %s/ran\n' "$PWD" >"$repo/.git/hooks/post-checkout"
    chmod +x "$repo/.git/hooks/post-checkout"
    printf '\0asm\1\0\0\0one\ntwo\n' >"$repo/x.wasm"
    git_apart -C "$repo" -c core.autocrlf=false add -A
    git_apart -C "$repo" commit -qm x
    mkdir -p "$repo/$(dirname "$FILE")"
    commit "$repo" filters
    fetch "file://$repo#:$FILE"
    assert_status 0
    git_apart -C "$repo" cat-file blob "HEAD:$FILE" | cmp - "$(image_dir docker.io/library/fetched:v1)/filter.wasm"
    refute_exists "$PWD/ran"
}

@test "a repository that lies about its size ends in one clear error" {
    while IFS='|' read -r scenario words; do
        start_fake git "$PWD/$scenario.log" --scenario "$scenario" --repo "$REPOS/filter.git"
        fetch "http://127.0.0.1:${FAKE[0]}/x.git#main" --stall-timeout 2
        refused 1 "$words" "source http://127.0.0.1:${FAKE[0]}/x.git"
        assert_equal "$(grep -c '^wasme: ' <<<"$stderr")" 1
    done <<'END'
count|the objects that came are damaged
short|the objects that came are damaged
object|large in the repository has 1125899906842624 bytes
delta|the objects that came are damaged
bomb|an object of the repository has more than 1024 MiB
endless|sends more than 1024 MiB
refs|the repository has more than 1000000 names
length|the connection broke
stall|sent nothing for 2 seconds
refusal|the server says: the disk is?[31m full
page|no git repository at that address
END
    start_fake git "$PWD/honest.log" --scenario honest --repo "$REPOS/filter.git"
    fetch "http://127.0.0.1:${FAKE[0]}/x.git#main:$FILE"
    assert_fetched last
}

@test "a signal while the server stalls: 130 or 143, and nothing is left" {
    start_fake git "$PWD/stall.log" --scenario stall --repo "$REPOS/filter.git"
    for signal in INT:130 TERM:143; do
        in_background wasme env --default-signal=INT "$WASME" build tinygo \
            "http://127.0.0.1:${FAKE[0]}/x.git" -t fetched:v1
        wait_until 10 grep -q POST stall.log
        kill -"${signal%:*}" "$BACKGROUND_PID"
        status=0
        wait "$BACKGROUND_PID" || status=$?
        assert_equal "$status" "${signal#*:}"
        assert_equal "$(ls "$TMPDIR")" ""
        : >stall.log
    done
}

@test "a signal while a credential helper stalls ends the helper, too" {
    printf '#!/bin/sh\nsleep 3600 & echo $! >%s/child\nwait\n' "$PWD" >helper
    chmod +x helper
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_CONFIG_VALUE_0=$PWD/helper
    in_background wasme "$WASME" build precompiled "$LOCKED#:$FILE" -t fetched:v1 --ca-file "$CA_FILE"
    wait_until 10 test -s child
    kill -TERM "$BACKGROUND_PID"
    status=0
    wait "$BACKGROUND_PID" || status=$?
    assert_equal "$status" 143
    wait_until 5 ended "$(<child)" || {
        kill "$(<child)"
        complain "the helper's child lives on"
    }
    assert_equal "$(ls "$TMPDIR")" ""
}

@test "a signal while objects are put together from their parts" {
    start_fake git "$PWD/grinder.log" --scenario grinder --repo "$REPOS/filter.git"
    in_background wasme "$WASME" build precompiled "http://127.0.0.1:${FAKE[0]}/x.git" -t fetched:v1
    wait_until 20 grep -q POST grinder.log
    sleep 3 # the pack is there: to put all together takes minutes
    kill -TERM "$BACKGROUND_PID"
    wait_until 10 ended "$BACKGROUND_PID"
    status=0
    wait "$BACKGROUND_PID" || status=$?
    assert_equal "$status" 143
    assert_equal "$(ls "$TMPDIR")" ""
}

ended() { # PID
    [[ ! -r /proc/$1/stat || $(cut -d ' ' -f 3 "/proc/$1/stat") == Z ]]
}

@test "ssh: a key in an agent, both forms of address, a branch, a commit, a submodule" {
    ssh_with "$SSH_DIR/known"
    local url
    url=ssh://$(id -un)@127.0.0.1:$SSH_PORT$REPOS
    fetch "$url/filter.git#v1.2:$FILE" --provenance
    assert_fetched second
    assert_equal "$(annotation source)" "$url/filter.git"
    rm -r "$STORE"
    fetch "$url/filter.git#$(<"$REPOS/hidden"):$FILE"
    assert_fetched hidden
    rm -r "$STORE"
    parent relative ../filter.git
    fetch "$url/relative.git#:lib/auth/$FILE"
    assert_fetched second
    rm -r "$STORE"
    GIT_SSH_COMMAND+=" -p $SSH_PORT" fetch "$(id -un)@127.0.0.1:$REPOS/filter.git#dev:$FILE"
    assert_fetched second
    rm -r "$STORE"
    mkdir -p "$REPOS/it's"
    cp -r "$REPOS/filter.git" "$REPOS/it's/x!.git"
    fetch "$url/it's/x!.git#dev:$FILE"
    assert_fetched second
}

@test "ssh: an unknown host, a host with another key, no key, no repository, no ssh" {
    local url
    url=ssh://$(id -un)@127.0.0.1:$SSH_PORT$REPOS
    ssh_with "$PWD/none"
    fetch "$url/filter.git"
    refused 1 "the key of 127.0.0.1 is not known" "ssh-keyscan"
    printf '[127.0.0.1]:%s %s\n' "$SSH_PORT" "$(cut -d' ' -f1,2 "$SSH_DIR/user.pub")" >other
    ssh_with "$PWD/other"
    fetch "$url/filter.git"
    refused 1 "shows another key" "ssh-keygen -R"
    ssh_with "$SSH_DIR/known" "$PWD/no-agent"
    fetch "$url/filter.git"
    refused 1 "accepts none of the keys" "ssh-add"
    ssh_with "$SSH_DIR/known"
    fetch "$url/missing.git"
    refused 1 "ssh ends with status" "missing.git"
    GIT_SSH_COMMAND='printf "no way \r\n" >&2; exit 9;:' fetch "$url/filter.git"
    assert_stderr_matches 'ssh ends with status 9: no way$'
    GIT_SSH_COMMAND='sleep 30;:' fetch "$url/filter.git" --stall-timeout 1
    refused 1 "sent nothing for 1 second"
    unset GIT_SSH_COMMAND
    GIT_SSH=no-such-ssh fetch "$url/filter.git"
    refused 1 "no-such-ssh is not in PATH"
}

@test "a proxy is used as for registries" {
    start_fake proxy "$PWD/proxy" "registry.test:443=$NGINX"
    https_proxy=http://127.0.0.1:${FAKE[0]} fetch "https://registry.test/open/filter.git#:$FILE"
    assert_fetched last
    grep -q registry.test proxy
}

@test "a repository from elsewhere names no service of this machine as a submodule" {
    start_fake proxy "$PWD/proxy" "registry.test:443=$NGINX"
    parent inward "$GIT_URL/open/filter.git"
    parent metadata "http://169.254.169.254/x.git"
    for name in inward metadata; do
        https_proxy=http://127.0.0.1:${FAKE[0]} no_proxy=127.0.0.1 \
            fetch "https://registry.test/open/$name.git"
        refused 1 "submodule lib/auth" "a service of this machine"
    done
    fetch "$GIT_URL/open/inward.git#:lib/auth/$FILE"
    assert_fetched second
}

@test "--provenance: a folder in a repository, with and without changes" {
    git_apart clone -q "$REPOS/filter.git" work
    git_apart -C work remote set-url origin https://user:s3cret@git.example/filter.git
    local commit
    commit=$(commit_of work HEAD)
    fetch "work/$FILE" --provenance
    assert_status 0
    assert_equal "$(annotation source)" https://git.example/filter.git
    assert_equal "$(annotation revision)" "$commit"
    assert_equal "$(annotation created)" null
    local first=$output
    fetch "work/$FILE" --provenance
    assert_output "$first"
    echo ignored >work/.git/info/exclude
    touch work/ignored
    fetch "work/$FILE" --provenance
    assert_output "$first"
    touch work/filters/new
    fetch "work/$FILE" --provenance
    assert_equal "$(annotation revision)" "$commit-dirty"
    rm work/filters/new
    echo changed >work/version
    (cd work/filters/auth && "$WASME" build precompiled filter.wasm -t fetched:v1 --provenance) 2>/dev/null
    assert_equal "$(annotation revision)" "$commit-dirty"
    fetch "work/$FILE" --provenance --annotation revision=mine --annotation vendor=us
    assert_equal "$(annotation revision)" mine
    assert_equal "$(annotation vendor)" us
    assert_equal "$(annotation source)" https://git.example/filter.git
}

@test "--provenance: the origin of any kind is recorded, without what may be secret" {
    git_apart clone -q "$REPOS/filter.git" work
    while IFS='|' read -r origin shown; do
        git_apart -C work config remote.origin.url "$origin"
        fetch "work/$FILE" --provenance
        assert_status 0
        assert_equal "$(annotation source)" "$shown"
        [[ "$stderr$(cat "$(image_dir docker.io/library/fetched:v1)/manifest.json")" != *s3cret* ]] ||
            complain "shown: $origin"
    done <<'END'
git://git.example/x.git|git://git.example/x.git
git@git.example:x.git|git@git.example:x.git
../x.git|../x.git
helper::https://user:s3cret@git.example/x|helper::https://git.example/x
s3://user:s3cret@bucket/x|s3://bucket/x
https://git.example/x.git?private_token=s3cret|https://git.example/x.git
https://s3cret@git.example/x.git|https://git.example/x.git
user:s3cret@git.example:x.git|null
END
}

@test "--provenance: a folder that the repository above it does not have is refused" {
    git_apart clone -q "$REPOS/filter.git" work
    mkdir -p work/ignored/filter work/new
    echo ignored >work/.git/info/exclude
    local folder commit
    commit=$(commit_of work HEAD)
    for folder in ignored/filter ignored new; do
        try build tinygo "work/$folder" -t fetched:v1 --provenance
        refused 1 "--provenance: work/$folder is a folder of which the commit" "$PWD/work/ has no file"
    done
    # What the folder is wrong for is another error, which shows that provenance was found.
    ln -s work/filters link
    for folder in work work/filters link; do
        try build tinygo "$folder" -t fetched:v1 --provenance
        assert_status 1
        assert_stderr_contains "revision=$commit"
    done
    cp "work/$FILE" work/ignored/filter.wasm
    fetch work/ignored/filter.wasm --provenance
    assert_equal "$(annotation revision)" "$commit"
}

@test "--provenance: a fetched source, no repository, no commit, no origin, no annotations" {
    fetch "$OPEN#v1.2:$FILE" --provenance
    assert_equal "$(annotation source)" "$OPEN"
    assert_equal "$(annotation revision)" "$(commit_of "$REPOS/filter.git" v1.2)"
    rm -r "$STORE"
    make_wasm filter.wasm
    fetch filter.wasm --provenance
    refused 1 "is in no git repository"
    git_apart init -q new
    cp filter.wasm new
    fetch new/filter.wasm --provenance
    refused 1 "has no commit yet"
    fetch "$OPEN#v1.2:$FILE" --provenance --format docker
    refused 2 "a Docker manifest has no annotations"
    git_apart -C new add -A
    git_apart -C new commit -qm one
    fetch new/filter.wasm --provenance
    assert_status 0
    assert_stderr_contains 'no remote \"origin\"'
    assert_equal "$(annotation source)" null
    assert_equal "$(annotation revision)" "$(commit_of new HEAD)"
}

@test "a folder with the form of an address stays a folder" {
    mkdir -p git@host:
    make_wasm git@host:/filter.wasm
    fetch git@host:/filter.wasm
    assert_status 0
}

@test "libgit2 is loaded for these sources alone" {
    recorded_program
    make_wasm filter.wasm
    LD_DEBUG=files "$WASME" build precompiled filter.wasm -t fetched:v1 >/dev/null 2>log
    ! grep -q libgit2 log || false
    LD_DEBUG=files "$WASME" build precompiled "file://$REPOS/filter.git#:$FILE" -t fetched:v1 >/dev/null 2>log
    grep -q libgit2 log
}

@test "Go: a filter in a folder of a repository is compiled where it was fetched" {
    use_go
    local repo=$REPOS/go
    git_apart init -q "$repo"
    mkdir -p "$repo/filters"
    cp -r "$ROOT/examples/add-header-go" "$repo/filters/header"
    git_apart -C "$repo" add -A
    git_apart -C "$repo" commit -qm go
    try build go "file://$repo#main:filters/header" -t fetched:v1 --provenance
    assert_status 0
    assert_equal "$(annotation revision)" "$(commit_of "$repo" HEAD)"
    local first=$output
    try build go "file://$repo#main:filters/header" -t fetched:v1 --provenance
    assert_output "$first"
    try build "file://$repo#main:filters/header" -t fetched:v1 --provenance
    assert_output "$first"
    assert_stderr_contains "LANGUAGE go"
    [[ -z $(ls "$TMPDIR") ]]
}

@test "an error of the build names the address, and not the folder that is gone" {
    fetch "https://$GIT_USER:s3cret%40x@$NGINX/locked/filter.git#dev:filters"
    refused 1 "source $LOCKED#dev:filters is a folder"
    try build tinygo "$OPEN#:filters" -t fetched:v1 --ca-file "$CA_FILE"
    refused 1 "source $OPEN#:filters: no go.mod there"
    try build "$OPEN#:filters" -t fetched:v1 --ca-file "$CA_FILE"
    refused 2 "$OPEN#:filters: nothing there tells the language"
    [[ $(grep '^wasme: ' <<<"$stderr") != *"$TMPDIR"* ]]
}
