#!/usr/bin/env bats
# wasme tags, catalog, search and list --published: with real registries, with a Harbor, and with
# registries whose lists are bad ones (tests/fake/harbor.py).

load helper

setup_file() {
    scratch
    start_registries plain basic
    [[ ! ${SKIP_FILE:-} ]] || return 0
    make_wasm filter.wasm 0_2_1 1234
    make_wasm other.wasm 0_2_1 2500
    publish "$PLAIN/base/filter:v1" filter.wasm
    publish "$PLAIN/base/filter:v2" other.wasm
    publish "$PLAIN/team/tool/deep:v1" other.wasm
    publish "$BASIC/base/filter:v1" filter.wasm -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
}

# publish REF FILE [OPTION...]
publish() {
    "$WASME" build precompiled "$2" -t "$1" >/dev/null 2>&1
    "$WASME" push "$1" "${@:3}" >/dev/null 2>&1
}

# The folder in which the registry keeps its repositories; its lists come from the folders in it.
repositories() {
    echo "$PLAIN_DATA/docker/registry/v2/repositories"
}

@test "tags: of a repository, one a line, and as JSON" {
    try tags "$PLAIN/base/filter"
    assert_status 0
    assert_output $'v1\nv2'
    assert_no_stderr
    try tags "$PLAIN/base/filter" --json
    assert_json '.[0], .[1], length' $'v1\nv2\n2'
}

@test "tags: a tag that was given is left out, with a word" {
    try tags "$PLAIN/base/filter:v1"
    assert_status 0
    assert_output $'v1\nv2'
    assert_stderr_contains "$PLAIN/base/filter:v1"
}

@test "tags: a registry alone is asked for a repository" {
    for host in "$PLAIN" localhost:5000 localhost harbor.example harbor:8443; do
        try tags "$host"
        assert_status 2
        assert_stderr_contains "tags: \"$host\" is a registry: name a repository in it, as $host/NAME"
        assert_stderr_contains "wasme catalog $host"
    done
}

@test "tags: a repository that is not there" {
    try tags "$PLAIN/no/where"
    assert_status 1
    assert_output ""
    assert_stderr_contains "$PLAIN/no/where"
    assert_stderr_contains 404
}

@test "tags: 2500 of them" {
    local dir
    dir=$(repositories)/base/many
    cp -r "$(repositories)/base/filter" "$dir"
    mkdir "$dir/_manifests/tags/t"{1000..3497}
    try tags "$PLAIN/base/many"
    rm -r "$dir"
    assert_status 0
    assert_line_count 2500
    assert_output_contains t3497
}

@test "catalog: the repositories, and search among them" {
    try catalog "$PLAIN"
    assert_status 0
    assert_output $'base/filter\nteam/tool/deep'
    try catalog --json "$PLAIN"
    assert_json '. | join(" ")' "base/filter team/tool/deep"
    try search tool -s "$PLAIN"
    assert_status 0
    assert_output team/tool/deep
    try search nothing --server="$PLAIN" --json
    assert_status 0
    assert_output "[]"
}

@test "catalog: WASM_IMAGE_REGISTRY names the server" {
    WASM_IMAGE_REGISTRY=$PLAIN try catalog
    assert_status 0
    assert_output_contains base/filter
    WASM_IMAGE_REGISTRY=$PLAIN try search filter
    assert_output base/filter
}

@test "catalog: a real registry's pages are followed" {
    REGISTRY_LOG=$PLAIN_LOG REGISTRY_URL=http://$PLAIN
    mkdir -p "$(repositories)/pages/r"{1000..2299}/_layers
    registry_mark
    try catalog "$PLAIN"
    rm -r "$(repositories)/pages"
    assert_status 0
    assert_line_count 1302
    assert_equal "$(count_requests 'GET /v2/_catalog')" 2
    assert_equal "$(count_requests 'GET /api/')" 1 "requests to find out whether it is a Harbor"
}

@test "lists need the login that the registry asks for" {
    try catalog "$BASIC"
    assert_status 1
    assert_stderr_contains "$BASIC"
    assert_stderr_contains "--password-stdin"
    try catalog "$BASIC" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_output base/filter
    try tags "$BASIC/base/filter" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_output v1
    try search filter -s "$BASIC" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    try list --published -s "$BASIC" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_output_contains "$BASIC/base/filter v1"
}

@test "list --published: the table has the local list's size and digest" {
    local sha
    make_wasm filter.wasm 0_2_1 1234
    sha=$(sha256_of filter.wasm)
    try list --published -s "$PLAIN"
    assert_status 0
    assert_line_count 4
    assert_output_matches '^NAME +TAG SIZE +SHA +UPDATED$'
    assert_output_matches "^$PLAIN/base/filter +v1 +1\.2 kB ${sha:0:8} -$"
    try list --published -w -s "$PLAIN" --search base
    assert_line_count 3
    assert_output_contains "$sha"
    try list --published -s "$PLAIN" --json --search filter
    assert_json '.[0].wasmDigest' "sha256:$sha"
    assert_json '.[0].reference' "$PLAIN/base/filter:v1"
    assert_json '.[0].size' 1234
    assert_json '.[0] | has("updated")' false
    "$WASME" pull "$(jq -r '.[0].name + "@" + .[0].manifestDigest' <<<"$output")"
}

@test "list: --server without --published is said to be of no use" {
    try list -s "$PLAIN"
    assert_status 0
    assert_stderr_contains --published
}

@test "Docker Hub has no list, and is not asked" {
    for command in "catalog" "catalog docker.io" "search x" "list --published"; do
        # shellcheck disable=SC2086 # words
        http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 try $command
        assert_status 1
        assert_output ""
        assert_stderr_contains hub.docker.com
    done
}

@test "a server that is none, and an empty term" {
    try catalog https://harbor.example
    assert_status 2
    assert_stderr_contains "leave out"
    try catalog harbor.example/base
    assert_status 2
    assert_stderr_contains harbor.example/base
    try search "" -s "$PLAIN"
    assert_status 2
    try list --published -s 'a b'
    assert_status 2
    try catalog 127.0.0.1:9
    assert_status 1
    assert_stderr_contains "no connection"
}

# --- Harbor ---

@test "harbor: catalog and search by its own API" {
    start_harbor harbor
    try_harbor catalog "$HARBOR"
    assert_status 0
    assert_output $'base/a/b\nbase/filter\nteam/tool'
    try_harbor search a/b -s "$HARBOR"
    assert_status 0
    assert_output base/a/b
    assert_equal "$(harbor_requests /v2/)" 0
    assert_equal "$(harbor_requests '/systeminfo none')" 2 "one look each, without a login"
    assert_equal "$(harbor_requests '/repositories?page=2')" 1 "pages are followed"
    assert_equal "$(harbor_requests '/users/current basic')" 2 "the login is looked at, once each"
}

@test "harbor: list --published asks for no manifest, which would count as a pull" {
    local digest
    start_harbor harbor
    try_harbor list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 6
    assert_output_matches "^$HARBOR/base/a/b +v1 +248\.8 kB @[0-9a-f]{8} 01 Dec 21 06:33 UTC$"
    assert_output_matches "^$HARBOR/base/filter +v2 "
    assert_equal "$(harbor_requests /v2/)" 0
    assert_equal "$(harbor_requests '/projects/base/repositories/a%252Fb/artifacts')" 1
    try_harbor list --published -s "$HARBOR" --search tool --json
    assert_json length 1
    assert_json '.[0].updated' 2021-12-01T06:33:12Z
    assert_json '.[0] | has("wasmDigest")' false
    digest=$(jq -r '.[0].manifestDigest' <<<"$output")
    try_harbor list --published -s "$HARBOR" --search tool -w
    assert_output_contains "@${digest#sha256:}"
}

@test "harbor: a page that fails for a moment is asked for again, and no other" {
    start_harbor harbor-busy
    try_harbor catalog "$HARBOR"
    assert_status 0
    assert_output $'base/a/b\nbase/filter\nteam/tool'
    assert_stderr_contains "trying again"
    assert_equal "$(harbor_requests '/repositories?page=1')" 1
    assert_equal "$(harbor_requests '/repositories?page=2')" 2
}

@test "harbor: without a login, and with a wrong one" {
    start_harbor harbor
    try catalog "$HARBOR"
    assert_status 0
    assert_output team/tool
    assert_stderr_contains "without a login, only what is public is listed (wasme login $HARBOR)"
    for command in "catalog $HARBOR" "search tool -s $HARBOR" "list --published -s $HARBOR"; do
        : >"$HARBOR_LOG"
        # shellcheck disable=SC2086 # words
        try $command -u me --password-stdin <<<wrong-one
        assert_status 1
        assert_output ""
        assert_stderr_contains "the registry does not take this login"
        assert_stderr_contains "refused the credentials from -u"
        refute_stderr_contains wrong-one
        assert_equal "$(harbor_requests ' basic$')" 1 "no second try"
    done
}

# With a scope, the token service answers 200 and a token without a subject, which shows that the
# login failed.
@test "harbor: a login that is not taken is tried once by tags, and what is public goes on" {
    start_harbor harbor
    try tags "$HARBOR/base/filter" -u me --password-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "the registry does not take this login: password changed, robot expired or disabled"
    assert_equal "$(harbor_requests '/service/token.* basic$')" 1
    try tags "$HARBOR/team/tool" -u me --password-stdin <<<wrong-one
    assert_status 0
    assert_output v1
    assert_stderr_contains "$HARBOR does not take the login from -u"
    assert_stderr_contains "going on as anybody"
    : >"$HARBOR_LOG"
    try pull "$HARBOR/team/tool:v1" "$HARBOR/team/none:v1" -u me --password-stdin <<<wrong-one
    assert_equal "$(grep -c 'does not take the login' <<<"$stderr")" 1
    assert_equal "$(harbor_requests '/service/token.* basic$')" 1
    assert_equal "$(harbor_requests '/service/token.* none$')" 1 "the other token is for anybody"
    try_harbor tags "$HARBOR/base/filter"
    assert_status 0
    refute_stderr_contains "does not take"
}

@test "harbor: a robot finds repositories, and sees those that it may pull" {
    start_harbor harbor-robot
    try_harbor search filter -s "$HARBOR"
    assert_status 0
    assert_output base/filter
    assert_equal "$(harbor_requests '/repositories?q=name%3D~filter&page=1&page_size=100 basic')" 1
    try_harbor search 'a,b=c' -s "$HARBOR"
    assert_status 0
    assert_output ""
    assert_equal "$(harbor_requests '/repositories')" 1 "no name has a comma"
    try_harbor list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 6
    assert_output_matches "^$HARBOR/base/filter +v2 +- +@[0-9a-f]{8} -$"
    assert_equal "$(harbor_requests 'GET .*/manifests/')" 0 "a GET would count as a pull"
    assert_no_stderr
}

@test "harbor: an older one has no list of all repositories: project by project" {
    start_harbor harbor-old
    try_harbor catalog "$HARBOR"
    assert_status 0
    assert_output $'base/a/b\nbase/filter\nteam/tool'
    try_harbor search TOOL -s "$HARBOR"
    assert_output team/tool
}

@test "harbor: what cannot be is a warning, and does not reach the terminal" {
    start_harbor harbor-odd
    try_harbor list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 9
    assert_output_matches "base/filter +odd +- +@00000000 -$"
    assert_stderr_contains "without a digest"
    [[ $output$stderr != *$'\e'* ]]
}

@test "harbor: the login does not follow a page to another host" {
    start_harbor harbor-elsewhere
    try_harbor catalog "$HARBOR"
    assert_status 1
    assert_stderr_contains "another host"
}

# The largest number of requests that the registry answered at the same time.
together() {
    sed -n 's/^TOGETHER \([0-9]*\) -$/\1/p' "$HARBOR_LOG" | sort -n | tail -n 1
}

@test "list --published: what is asked of each repository is asked side by side, as -j says" {
    start_harbor harbor-many
    try_harbor list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 46
    assert_equal "$(together)" 4
    start_harbor plain-many
    try list --published -s "$HARBOR" -j 8
    assert_status 0
    assert_line_count 46
    assert_equal "$(together)" 8
    assert_equal "$(harbor_requests 'GET .*/manifests/')" 45
}

@test "harbor: the artifacts of a project are asked for at once, where that can be done" {
    start_harbor harbor-project
    try_harbor list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 45 # the fake has the first artifact of each
    assert_output_matches "^$HARBOR/base/r39 +v1 +248\.8 kB @[0-9a-f]{8} 01 Dec 21 06:33 UTC$"
    assert_output_matches "^$HARBOR/team/tool +v1 "
    assert_equal "$(harbor_requests 'repositories/[^?]*/artifacts')" 1 "of the smaller project"
    try_harbor list --published -s "$HARBOR" --search r1
    assert_line_count 11
    refute_output_contains r20
}

# --- Bad lists ---

fails_with() {
    start_harbor "$1"
    try tags "$HARBOR/base/filter"
    assert_status 1
    assert_output ""
    assert_stderr_contains "$2"
    try catalog "$HARBOR"
    assert_status 1
    assert_output ""
}

@test "bad lists: pages without an end" {
    fails_with loop "no end: page 2 is page 1 again"
    assert_equal "$(harbor_requests /tags/list)" 1
    fails_with endless "more than 1000 pages"
}

@test "bad lists: a next page on another host, or nowhere" {
    fails_with other-host "another host, http://127.0.0.9:9"
    fails_with bad-link "Link field is malformed at byte 1"
}

@test "bad lists: too much" {
    fails_with million "larger than"
    fails_with million-said "more than 100000 items"
    fails_with million-paged "more than 100000 items"
    assert_equal "$(harbor_requests /tags/list)" 101
    fails_with giant "larger than"
}

@test "bad lists: no list" {
    fails_with no-list "no list of tags"
    fails_with no-json "200 came, with a web page"
}

@test "bad lists: names that are none are left out and named harmlessly" {
    start_harbor rude
    try tags "$HARBOR/base/filter"
    assert_status 0
    assert_output $'UP\nv1\nv2\nv3'
    assert_stderr_contains "7 names of that kind were left out"
    [[ $stderr != *$'\e'* && $stderr != *$'\a'* && $stderr != *$'\u202e'* ]]
    try catalog "$HARBOR"
    assert_status 0
    assert_output $'base/a/b\nbase/filter\nteam/tool'
}

@test "a closed catalog says what to do" {
    start_harbor closed
    for command in "catalog $HARBOR" "search x -s $HARBOR" "list --published -s $HARBOR"; do
        # shellcheck disable=SC2086 # words
        try $command
        assert_status 1
        assert_stderr_contains "wasme tags $HARBOR/NAME"
        assert_stderr_contains 403
    done
}

@test "list --published: a bad entry is a warning, not the end" {
    start_harbor one-bad
    try list --published -s "$HARBOR"
    assert_status 0
    assert_line_count 6
    assert_output_matches "base/filter +v1 +- "
    assert_output_matches "base/filter +v2 +- +- +-$"
    assert_output_matches "base/filter +v3 +1\.0 kB"
    assert_output_matches "base/a/b +v1 +- +- +-$"
    assert_stderr_contains "$HARBOR/base/filter: GET manifest v2: 404"
    assert_stderr_contains "not for you"
    [[ $output$stderr != *$'\e'* ]]
}

@test "list --published: when it was made, from the annotation" {
    start_harbor plain
    try list --published -s "$HARBOR" --search filter
    assert_output_matches "base/filter +v1 +1\.0 kB +[0-9a-f]{8} 01 Dec 21 06:33 UTC$"
}
