#!/usr/bin/env bats
# build --image: the compilers are in images of real docker and real podman, and nowhere else in
# PATH. The modules are loaded into a real Envoy.

load helper
load envoy
load toolchains
load containers

setup_file() {
    scratch
    start_podman
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_docker
    export WARM=$BATS_FILE_TMPDIR/warm # a folder for output with Go's cache in it
    go_image podman localhost/go:v1 2>/dev/null || export NO_GO="no Go"
    one_program_image podman localhost/stubborn:v1 go <<'END'
#!/bin/sh
[ "$1" != version ] || exec echo go version go1.25.1 linux/amd64
trap '' TERM INT HUP
echo "it begins" >&2
while :; do sleep 1; done
END
}

teardown_file() {
    stop_podman
    stop_docker
    BATS_TEST_TMPDIR='' stop_all
}

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN
    export TMPDIR=$PWD/temporary
    mkdir "$TMPDIR"
    only_engines podman
}

teardown() {
    stop_all
}

# build LANGUAGE SOURCE IMAGE [FLAG...]: with podman alone in PATH.
build() {
    local language=$1 source=$2 image=$3
    shift 3
    try_command env PATH="$PATH_OF_ENGINES" "$WASME" build "$language" "$source" -t filter:v1 \
        --image "$image" "$@"
}

use_go_image() {
    [[ ! ${NO_GO:-} ]] || skip "$NO_GO"
    cp -r "$ROOT/examples/add-header-go" source
}

small_source() {
    mkdir source
    printf 'module m\n' >source/go.mod
    printf 'package main\nfunc main() {}\n' >source/main.go
}

# The status is 1 or the one given, each part is in the error, and nothing is stored or left.
assert_failed() {
    local part
    assert_status "${FAILED_STATUS:-1}"
    assert_line_count 0
    for part; do assert_stderr_contains "$part"; done
    refute_exists "$(image_dir docker.io/library/filter:v1)"
    assert_nothing_left
}

assert_nothing_left() {
    assert_equal "$(find "$TMPDIR" -maxdepth 1 -name 'wasme*')" "" "what is left in TMPDIR"
    assert_equal "$(podman ps -a -q)" "" "containers that are left"
    [[ $DOCKER_MISSING ]] || assert_equal "$(docker ps -a -q --filter name=wasme-)" "" "Docker's containers that are left"
}

assert_runs() {
    cp "$(image_dir docker.io/library/filter:v1)/filter.wasm" filter.wasm
    envoy_config "{local: {filename: $PWD/filter.wasm}}" "$(envoy_cluster upstream 1)" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
}

@test "image: Go is in the image alone, and Envoy runs the filter" {
    use_go_image
    build go source localhost/go:v1
    assert_status 0
    assert_stderr_contains "the tools of localhost/go:v1 run by podman, which sees $PWD/source"
    assert_stderr_matches "^\\$ podman run --rm .*--mount type=bind,source=$PWD/source,target=$PWD/source "
    assert_stderr_matches "^\\$ .*--workdir $PWD/source .*--env GOOS=wasip1 .* localhost/go:v1 go build -buildmode=c-shared -o $TMPDIR/wasme"
    assert_nothing_left
    assert_runs
}

@test "image: docker comes first, and makes the same module as podman" {
    use_go_image
    [[ ! $DOCKER_MISSING ]] || skip "$DOCKER_MISSING"
    podman save localhost/go:v1 2>/dev/null | docker load >/dev/null
    only_engines podman docker
    build go source localhost/go:v1 --tmp-dir "$WARM"
    assert_status 0
    assert_stderr_contains "run by docker"
    assert_stderr_matches "^\\$ docker run --rm --user $(id -u):$(id -g) .* --init "
    docker_module=$(sha256_of "$(image_dir docker.io/library/filter:v1)/filter.wasm")
    assert_nothing_left
    docker rmi -f localhost/go:v1 >/dev/null
    only_podman=$PWD/podman-alone
    mkdir "$only_podman"
    mv bin/podman "$only_podman"
    PATH_OF_ENGINES=$only_podman build go source localhost/go:v1 --tmp-dir "$WARM"
    assert_stderr_contains "run by podman"
    assert_equal "$(sha256_of "$(image_dir docker.io/library/filter:v1)/filter.wasm")" "$docker_module"
}

@test "image: the command that is told can be run again, and files belong to the user" {
    local line
    use_go_image
    build go source localhost/go:v1 --tmp-dir work
    assert_status 0
    [[ -O work/filter.wasm && -O work/home && -G work/filter.wasm ]]
    line=$(sed -n 's/^\$ podman run/podman run/p' <<<"$stderr")
    rm work/filter.wasm
    bash -c "$line"
    cmp work/filter.wasm "$(image_dir docker.io/library/filter:v1)/filter.wasm"
}

@test "image: the folder of the module is seen, and Go's own variables count" {
    use_go_image
    mkdir -p module/filters/auth module/words
    printf 'module example.com/m\ngo 1.24\n' >module/go.mod
    cp source/main.go module/filters/auth
    printf 'package main\n\nimport _ "example.com/m/words"\n' >module/filters/auth/words.go
    printf '//go:build mine\n\npackage words\n' >module/words/words.go
    build go module/filters/auth localhost/go:v1
    assert_failed "build constraints exclude all Go files"
    GOFLAGS=-tags=mine build go module/filters/auth localhost/go:v1 --tmp-dir "$WARM"
    assert_status 0
    assert_stderr_contains "which sees $PWD/module"
    assert_stderr_contains " --env GOFLAGS "
}

@test "image: secrets in the variables of proxies are on no command line" {
    local word=hidden-$RANDOM$RANDOM
    small_source
    export HTTPS_PROXY=http://me:$word@127.0.0.1:1 no_proxy=here CARGO_REGISTRY_TOKEN=$word
    export CARGO_HOME=/mine GOROOT=/mine SECRET=1
    start_build localhost/stubborn:v1 "it begins"
    podman inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$(podman ps -q)" >seen
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' >lines
    kill -TERM "$BACKGROUND_PID" && kill -TERM "$BACKGROUND_PID"
    ended_by 143
    grep -qx "HTTPS_PROXY=http://me:$word@127.0.0.1:1" seen
    grep -qx 'no_proxy=here' seen
    grep -qx "CARGO_REGISTRY_TOKEN=$word" seen
    grep -qx "HOME=$TMPDIR/wasme.*/home" seen
    run ! grep -E '^(SECRET|GOROOT|CARGO_HOME)=' seen
    grep -qx HTTPS_PROXY lines
    run ! grep "$word" lines "$BACKGROUND_LOG.err"
}

@test "image: a folder with an odd name" {
    use_go_image
    mv source 'a,b "c" d'
    build go 'a,b "c" d' localhost/go:v1 --tmp-dir "$WARM"
    assert_status 0
}

@test "image: Rust, a workspace, and the standard library that the image has" {
    use_cargo
    cargo_image podman localhost/rust:v1
    mkdir -p ws
    cp -r "$ROOT/examples/add-header" ws/one
    printf '[workspace]\nmembers = ["one"]\n' >ws/Cargo.toml
    build rust ws/one localhost/rust:v1
    assert_status 0
    assert_stderr_contains "which sees $PWD/ws"
    assert_stderr_contains "localhost/rust:v1 cargo build --message-format=json-render-diagnostics --release --target $TARGET"
    assert_exists "ws/target/$TARGET/release/add_header.wasm"
    assert_runs
    rm -rf ws/target "$STORE"
    CARGO_TARGET_DIR=$PWD/elsewhere build rust ws/one localhost/rust:v1
    assert_status 0
    assert_exists "elsewhere/$TARGET/release/add_header.wasm"
    rm -rf "$STORE"
    build rust ws/one localhost/rust:v1 -- --target-dir /tmp/inside
    assert_failed "has written the module in the container, to /tmp/inside" "CARGO_TARGET_DIR"
}

@test "image: what is missing is named" {
    small_source
    build go source localhost/base:v1
    assert_failed "--image localhost/base:v1: the image has no go: name one that has it"
    build tinygo source 127.0.0.1:1/none:v1
    assert_failed "podman has no image 127.0.0.1:1/none:v1 yet: pulling it" "connection refused" \
        "podman pull 127.0.0.1:1/none:v1 ended with status"
    build go source none:v1
    assert_failed "podman pull none:v1 ended with status" "or write the registry, too: docker.io/none:v1"
    try_command env PATH=/nonexistent "$WASME" build go source -t filter:v1 --image golang
    assert_failed "neither docker nor podman is in PATH: get one from https://podman.io/"
    try_command env PATH=/nonexistent "$WASME" build go source -t filter:v1
    assert_failed "go: not found in PATH" "or name an image that has it with --image"
}

@test "image: a daemon that does not answer" {
    skip_unless docker
    small_source
    export DOCKER_HOST=unix://$PWD/none
    only_engines podman docker
    build go source localhost/base:v1
    assert_failed "docker: Cannot connect to the Docker daemon at unix://$PWD/none" "podman is used" "has no go"
    rm bin/podman
    build go source localhost/base:v1
    assert_failed "docker: Cannot connect to the Docker daemon" "systemctl start docker" "install podman"
    refute_stderr_contains "podman is used"
}

@test "image: names that are none, and a builder that runs nothing" {
    mkdir source
    local name
    for name in '' --privileged 'a b' $'a\nb' $'\033[1m'; do
        FAILED_STATUS=2 build go source "$name"
        FAILED_STATUS=2 assert_failed "--image"
    done
    build precompiled "$ROOT/examples/add-header.wasm" golang
    FAILED_STATUS=2 assert_failed "no program runs for precompiled"
    build go source 'UPPER:v1:v2'
    assert_failed "podman pull UPPER:v1:v2 ended with status"
}

@test "image: an entry point is passed by, and an image is pulled" {
    use_go_image
    start_registry plain
    one_program_image podman "$REGISTRY/pulled:v1" go -c 'ENTRYPOINT ["/bin/false"]' <<'END'
#!/bin/sh
[ "$1" != version ] || exec echo go version go1.2.3 linux/amd64
END
    podman push -q --tls-verify=false "$REGISTRY/pulled:v1"
    podman rmi "$REGISTRY/pulled:v1" >/dev/null
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" >registries.conf
    CONTAINERS_REGISTRIES_CONF=$PWD/registries.conf build go source "$REGISTRY/pulled:v1"
    assert_failed "pulling it" "Go 1.2.3 cannot build a filter"
}

# start_build IMAGE WORDS: starts a build, and waits for the words.
start_build() {
    in_background build env --default-signal=INT PATH="$PATH_OF_ENGINES" "$WASME" build go source -t filter:v1 \
        --image "$1"
    wait_until 60 grep -q "$2" "$BACKGROUND_LOG.err"
}

# ended_by STATUS: and nothing is left of the build.
ended_by() {
    status=0
    wait "$BACKGROUND_PID" || status=$?
    cat "$BACKGROUND_LOG.err"
    assert_equal "$status" "$1"
    grep -q 'interrupted$' "$BACKGROUND_LOG.err"
    assert_equal "$(<"$BACKGROUND_LOG")" ""
    assert_equal "$("$WASME" list | grep -c '')" 1
    assert_nothing_left
}

@test "image: a signal to wasme alone ends the container" {
    local signal number
    use_go_image
    for signal in TERM:143 INT:130 HUP:129; do
        number=${signal#*:}
        start_build localhost/go:v1 '^\$'
        wait_until 20 container_runs
        kill -s "${signal%:*}" "$BACKGROUND_PID"
        ended_by "$number"
    done
}

container_runs() { [[ $(podman ps -q) ]]; }

@test "image: a compiler that heeds no signal is killed: after three seconds, or by a second signal" {
    small_source
    kill_stubborn
}

# The container would outlive the program docker.
@test "image: a compiler that heeds no signal is killed in a container of docker, too" {
    [[ ! $DOCKER_MISSING ]] || skip "$DOCKER_MISSING"
    small_source
    only_engines docker
    rm bin/podman
    podman save localhost/stubborn:v1 2>/dev/null | docker load >/dev/null
    kill_stubborn
    docker rmi -f localhost/stubborn:v1 >/dev/null
}

kill_stubborn() {
    local began
    start_build localhost/stubborn:v1 "it begins"
    began=$(date +%s%3N)
    kill -TERM "$BACKGROUND_PID"
    ended_by 143
    # Of a podman without root, a process ends with the signal, and the rest is killed at once.
    [[ $(id -u) != 0 ]] || (($(date +%s%3N) - began >= 3000))
    start_build localhost/stubborn:v1 "it begins"
    began=$(date +%s%3N)
    kill -INT "$BACKGROUND_PID"
    sleep 0.3
    kill -INT "$BACKGROUND_PID"
    ended_by 130
    (($(date +%s%3N) - began < 2900))
}
