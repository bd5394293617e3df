#!/usr/bin/env bats
# wasme run --image: the Envoy of an image, in real podman and docker. The image is made of the Envoy of
# this machine.

load helper
load running
load containers

setup_file() {
    scratch
    skip_unless envoy curl jq clang wasm-ld
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_podman
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_docker
    make_probe "$BATS_FILE_TMPDIR/probe.wasm"
    envoy_image podman localhost/envoy:v1
    [[ $DOCKER_MISSING ]] || envoy_image docker envoy:v1
}

teardown_file() {
    stop_podman
    stop_docker
    BATS_TEST_TMPDIR='' stop_all
    # With this machine's network, dockerd leaves a mount.
    grep -oE " $BATS_FILE_TMPDIR/docker/[^ ]+" /proc/mounts | xargs -r umount -l
}

envoy_image() { # ENGINE NAME
    local dir=$BATS_FILE_TMPDIR/envoy-tree
    base_tree "$dir"
    copy_with_libraries "$(type -P envoy)" "$dir"
    ln -sf "$(type -P envoy)" "$dir/usr/bin/envoy"
    tar -C "$dir" --owner=0 --group=0 -c . | "$1" import -c 'ENV PATH=/usr/bin' - "$2" >/dev/null
    rm -rf "$dir"
}

# without_docker COMMAND...: as on a machine that has podman alone.
without_docker() {
    DOCKER_HOST=unix:///nowhere/socket "$@"
}

@test "run --image: podman" {
    without_docker try_run "$PROBE" --image localhost/envoy:v1 --config 'a b' --check /log \
        --expect-header 'x-probe: a b' --expect-log 'a line of info'
    assert_status 0
    without_docker start_run "$PROBE" --image localhost/envoy:v1
    [[ $(podman ps -q) ]]
    assert_equal "$(curl -s "$RUN_URL/" | jq -r '.headers["x-order"]')" none
    end_run
    assert_equal "$(podman ps -aq)" ""
    without_docker start_run "$PROBE" --image localhost/envoy:v1
    kill -KILL "$RUN_PID"
    wait "$RUN_PID" 2>/dev/null || true
    [[ $(podman ps -q) ]]
    try_run "$PROBE" --check /
    assert_status 0
    [[ $(podman ps -q) ]]
    without_docker try_run "$PROBE" --image localhost/envoy:v1 --check /
    assert_status 0
    assert_equal "$(podman ps -aq)" ""
    refute_left
    without_docker try_run "$PROBE" --image localhost/envoy:v1 --envoy-version 1.2
    assert_status 1
    assert_stderr_contains "--envoy-version wants 1.2"
    without_docker try_run "$PROBE" --image localhost/base:v1
    assert_status 1
    assert_stderr_contains "name an image with Envoy"
    assert_equal "$(podman ps -aq)" ""
    refute_left
}

@test "run --image: docker" {
    [[ ! $DOCKER_MISSING ]] || skip "$DOCKER_MISSING"
    try_run "$PROBE" --image envoy:v1 --check / --expect-header 'x-probe: none'
    assert_status 0
    start_run "$PROBE" --image envoy:v1
    [[ $(docker ps -q) ]]
    end_run TERM
    assert_equal "$(docker ps -aq)" ""
}

@test "run --image: what excludes each other is told" {
    try_run "$PROBE" --image a --envoy b
    assert_status 2
    try_run "$PROBE" --image ''
    assert_status 2
}
