#!/usr/bin/env bats
# Each starter of wasme init, as an author uses it in an empty HOME: made, built by its real compiler,
# checked, tested by its own tests, and loaded into a real Envoy by the configuration in its README.

load helper
load envoy
load toolchains

setup_file() {
    scratch
}

setup() {
    scratch
    skip_unless envoy jq
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN GOWORK
    share_caches
    NAME=my-filter
}

# make_starter LANGUAGE [OPTION...]: the starter in the folder $NAME.
make_starter() {
    LANGUAGE=$1
    try init "$NAME" --language "$@" --disable-prompt
    assert_status 0
}

# run_in FOLDER COMMAND...: runs the command there; it must succeed.
run_in() {
    local folder=$1
    shift
    try_command env -C "$folder" "$@"
    assert_status 0
}

# fetch COMMAND...: runs the command in the starter, which fetches packages; without them there is no test.
fetch() {
    try_command env -C "$NAME" "$@"
    ((status == 0)) || skip "$1 cannot fetch the packages: $(tail -n 1 <<<"$stderr")"
}

# build_by_readme [HOST]: the commands of the section Build in README.md.
build_by_readme() {
    # shellcheck disable=SC2016 # for the shell that runs the commands
    sed -n '/^## Build$/,/^## Run/s/^    wasme/"$WASME"/p' "$NAME/README.md" >commands
    assert_equal "$(grep -c . commands)" 2
    run_in "$NAME" bash -e ../commands
    refute_stderr_contains level=warning
    assert_output_matches "^${1:-envoy}:[0-9.]+ +will load: "
    SHA256=$("$WASME" inspect "$NAME:v1" --json | jq -r .fileDigest)
    SHA256=${SHA256#sha256:}
}

# "--host NAME:VERSION" for each host that wasme knows.
every_host() {
    local names name
    names=$("$WASME" check x --host none 2>&1 | sed 's/.*: choose //; s/;.*//; s/,//g; s/ or / /')
    for name in $names; do
        "$WASME" check x --host "$name:none" 2>&1 | sed 's/.*use one of //; s/, /\n/g' |
            sed "s/^/--host $name:/"
    done
}

# The answers of all hosts about a module, without the reasons.
answers_about() {
    # shellcheck disable=SC2046 # words
    "$WASME" check "$1" $(every_host) 2>/dev/null |
        sed -nE 's/^([a-z:0-9.-]+ +(will load|will not load|cannot be told)): .*/\1/p'
}

# assert_outline_fits [OUTLINE]: the hosts say of the outline, by which `init --platform` judges, what they say of
# the filter.
assert_outline_fits() {
    answers_about "$(image_dir "docker.io/library/$NAME:v1")/filter.wasm" >filter.answers
    answers_about "$ROOT/lib/starter/outlines/${1:-$LANGUAGE}.wasm" >outline.answers
    (($(wc -l <filter.answers) > 30))
    try_command diff filter.answers outline.answers
    assert_status 0
}

# yaml_of NUMBER COLUMNS: that block of YAML in README.md, with the addresses of this test.
yaml_of() {
    awk -v want="$1" '/^```yaml$/ { on = ++count == want; next } /^```$/ { on = 0 } on' "$NAME/README.md" |
        sed "s/8080/${SERVE_URL##*:}/; s/SHA256/$SHA256/; s/^/$(printf "%$2s")/"
}

# configure_envoy [CONFIGURATION]: an Envoy with the filter and that configuration, or with none.
configure_envoy() {
    if (($#)); then
        yaml_of 1 10 | sed "s/good day/$1/"
    else
        yaml_of 1 10 | sed '/^ *configuration:$/,/^ *value: /d'
    fi >filter.yaml
    {
        echo 'admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}'
        printf 'static_resources:\n  clusters:\n'
        yaml_of 2 2
        cat <<'END' - filter.yaml
  listeners:
  - name: main
    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: main
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{match: {prefix: /}, direct_response: {status: 200}}]
          http_filters:
END
        echo '          - name: envoy.filters.http.router'
        echo '            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}'
    } >envoy.yaml
}

# assert_answers VALUE [CONFIGURATION]: Envoy answers with the header, also to the tenth request.
assert_answers() {
    local value=$1
    shift
    configure_envoy "$@"
    start_envoy
    for _ in {1..10}; do
        assert_equal "$(header)" "200 $value"
    done
    stop_background "$BACKGROUND_PID"
    try_command grep -iE 'wasm|crit' "$BACKGROUND_LOG.err"
    refute_output_contains "critical"
}

# The filter in Envoy with a configuration, without one, and with one that it refuses.
assert_runs() {
    start_serve "$NAME:v1"
    assert_answers "good day" "good day"
    assert_answers hello
    configure_envoy '"two\\nlines"'
    in_background refused envoy -c envoy.yaml --concurrency 1 --use-dynamic-base-id --log-level error
    wait_until 20 grep -q 'wrong configuration' "$BACKGROUND_LOG.err"
    assert_runs_by_itself
}

# The same without a configuration of Envoy: wasme run makes one.
assert_runs_by_itself() {
    try run "$NAME:v1" --config 'good day' --check / --check '/a -d body' --expect-header 'x-wasme: good day'
    assert_status 0
    refute_stderr_contains level=warning
    try run "$NAME:v1" --config $'two\nlines' --check /
    assert_status 1
    assert_stderr_contains 'wrong configuration'
}

@test "starters: tinygo" {
    use_tinygo
    make_starter tinygo
    use_modules "$NAME"
    build_by_readme
    assert_outline_fits
    assert_runs
    run_in "$NAME" go test .
}

@test "starters: go" {
    use_go
    make_starter go
    build_by_readme
    assert_outline_fits
    assert_runs
    run_in "$NAME" go vet .
    run_in "$NAME" env GOOS=wasip1 GOARCH=wasm go vet .
    run_in "$NAME" go test .
}

@test "starters: the source of go is one for TinyGo, too" {
    use_tinygo
    make_starter go
    sed -i 's/wasme build go/wasme build tinygo/' "$NAME/README.md"
    build_by_readme
    assert_runs
}

@test "starters: rust" {
    use_rust
    make_starter rust
    fetch cargo fetch -q
    build_by_readme
    assert_outline_fits
    assert_runs
    run_in "$NAME" cargo test -q
}

@test "starters: assemblyscript" {
    skip_unless node npm
    make_starter assemblyscript
    fetch npm install
    build_by_readme
    assert_outline_fits
    assert_runs
}

@test "starters: c" {
    skip_unless clang wasm-ld
    [[ -e /usr/lib/wasm32-wasi/libc.a || ${WASI_SDK_PATH:-} ]] || skip "no C library for wasm32-wasi"
    make_starter c
    build_by_readme
    assert_outline_fits
    assert_runs
}

# tests/deploy gives this filter to a real MOSN.
@test "starters: c, for MOSN" {
    use_clang
    make_starter c --platform mosn
    refute_stderr_contains level=warning
    build_by_readme mosn
    assert_outline_fits c-mosn
    grep -q "deploy mosn store:$NAME:v1 " "$NAME/README.md"
    # shellcheck disable=SC2016 # for the shell that runs the command
    run_in "$NAME" bash -ec "$(sed -n 's/^    wasme deploy/"$WASME" deploy/p' "$NAME/README.md")"
    assert_equal "$(jq -r '.servers[0].listeners[0].stream_filters[0].config.value' "$NAME/mosn.json")" "good day"
}
