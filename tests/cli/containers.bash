# Real docker and podman, with storage of their own, and images that are made of the compilers of
# this machine. Nothing is fetched.
# shellcheck shell=bash

# start_podman: sets PODMAN_TMP, and exports the settings under which podman runs a container here;
# or sets SKIP_FILE. Machines differ in what they allow, as sandboxes and containers do.
start_podman() {
    local driver runtime groups
    skip_unless podman busybox
    [[ ! ${SKIP_FILE:-} ]] || return 0
    PODMAN_TMP=$BATS_FILE_TMPDIR/podman
    mkdir -p "$PODMAN_TMP"
    export PODMAN_TMP CONTAINERS_CONF=$PODMAN_TMP/containers.conf
    export CONTAINERS_STORAGE_CONF=$PODMAN_TMP/storage.conf
    export CONTAINERS_REGISTRIES_CONF=$PODMAN_TMP/registries.conf
    printf '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n' >"$CONTAINERS_REGISTRIES_CONF"
    base_tree "$PODMAN_TMP/base"
    for driver in overlay vfs; do
        for runtime in crun runc; do
            for groups in enabled disabled; do
                podman_storage $driver
                podman_settings $runtime $groups
                podman_works >"$PODMAN_TMP/log" 2>&1 && return
            done
        done
    done
    export SKIP_FILE
    SKIP_FILE="podman runs no container here: $(head -n 1 "$PODMAN_TMP/log")"
}

podman_works() {
    podman image exists localhost/base:v1 ||
        tar -C "$PODMAN_TMP/base" -c . | podman import -q - localhost/base:v1
    podman run --rm --init localhost/base:v1 true
}

podman_storage() { # DRIVER
    cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "$1"
graphroot = "$PODMAN_TMP/$1"
rootless_storage_path = "$PODMAN_TMP/$1"
runroot = "$PODMAN_TMP/run-$1"
END
}

podman_settings() { # RUNTIME CGROUPS
    cat >"$CONTAINERS_CONF" <<END
[containers]
netns = "host"
cgroups = "$2"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "$1"
tmp_dir = "$PODMAN_TMP/tmp"
END
}

stop_podman() {
    [[ ${PODMAN_TMP:-} ]] || return 0
    podman rm -fa >/dev/null 2>&1 || true
    podman rmi -fa >/dev/null 2>&1 || true
    if [[ $(id -u) == 0 ]]; then
        grep -oE " $PODMAN_TMP/[^ ]+" /proc/mounts | xargs -r umount -l
        rm -rf "$PODMAN_TMP"
    else
        podman unshare rm -rf "$PODMAN_TMP" # files of other users
    fi
}

# start_docker: sets DOCKER_HOST, and DOCKER_MISSING to the reason when there is no daemon. A daemon
# that answers is used; root can start one.
start_docker() {
    local dir=$BATS_FILE_TMPDIR/docker
    DOCKER_MISSING=
    export DOCKER_HOST DOCKER_MISSING
    if docker version >/dev/null 2>&1; then return; fi
    if ! command -v dockerd >/dev/null; then
        DOCKER_MISSING="dockerd is not installed"
    elif [[ $(id -u) != 0 ]]; then
        DOCKER_MISSING="no daemon of Docker answers, and only root can start one"
    else
        mkdir -p "$dir"
        DOCKER_HOST=unix://$dir/socket
        in_background dockerd dockerd -H "$DOCKER_HOST" -p "$dir/pid" --data-root "$dir/data" \
            --exec-root "$dir/exec" --bridge=none --iptables=false
        wait_until 30 docker version >/dev/null ||
            DOCKER_MISSING="dockerd does not start: $(tail -n 1 "$BACKGROUND_LOG.err")"
    fi
}

# A test that failed may leave a container, which outlives the daemon.
stop_docker() {
    [[ -e $BATS_FILE_TMPDIR/docker/socket ]] || return 0
    docker ps -aq | xargs -r docker rm -f >/dev/null
}

# --- Images ---

# A folder with a shell and the small programs of busybox.
base_tree() {
    local program
    mkdir -p "$1"/{usr/bin,usr/lib,usr/lib64,tmp,proc,sys,dev,etc}
    chmod 1777 "$1/tmp"
    for program in bin lib lib64; do ln -sfn usr/$program "$1/$program"; done
    cp "$(command -v busybox)" "$1/usr/bin/busybox"
    for program in cat cp env id ls mkdir sh sleep true; do
        ln -sfn busybox "$1/usr/bin/$program"
    done
}

# go_image ENGINE NAME: Go's compiler, which needs no libraries.
go_image() {
    local root dir=$BATS_FILE_TMPDIR/go-tree
    root=$(cd / && go env GOROOT)
    base_tree "$dir"
    mkdir -p "$dir/usr/go"
    tar -C "$root" -c --exclude '*_test.go' --exclude testdata --exclude ./src/cmd ./bin/go ./pkg \
        ./src ./VERSION ./go.env | tar -C "$dir/usr/go" -x --no-same-owner
    tar -C "$dir" --owner=0 --group=0 -c . |
        "$1" import -c 'ENV PATH=/usr/go/bin:/usr/bin' - "$2" >/dev/null
    rm -rf "$dir"
}

# cargo_image ENGINE NAME: the Rust of use_cargo, with the libraries of this machine.
cargo_image() {
    local sysroot file dir=$BATS_FILE_TMPDIR/rust-tree
    sysroot=$(rustc --print sysroot)
    base_tree "$dir"
    for file in "$sysroot"/bin/{cargo,rustc} "$sysroot"/lib/rustlib/wasm32-* \
        $(compgen -G "$sysroot/lib/rustlib/*/bin" || true) \
        $(compgen -G "/usr/bin/rust-lld" || true) $(compgen -G "/usr/bin/wasm-ld" || true); do
        copy_with_libraries "$file" "$dir"
    done
    tar -C "$dir" --owner=0 --group=0 -c . |
        "$1" import -c "ENV PATH=$sysroot/bin:/usr/bin" - "$2" >/dev/null
    rm -rf "$dir"
}

copy_with_libraries() { # FILE|FOLDER ROOT
    local path
    for path in "$1" $([[ -d $1 ]] || ldd "$1" | grep -oE '/[^ ]+'); do
        path=$(readlink -f "$(dirname "$path")")/$(basename "$path")
        [[ -e $2$path ]] || cp -rL --parents "$path" "$2"
    done
}

# one_program_image ENGINE NAME PROGRAM <<END: a script in the place of a program.
one_program_image() {
    local dir=$BATS_FILE_TMPDIR/one-tree
    base_tree "$dir"
    cat >"$dir/usr/bin/$3"
    chmod +x "$dir/usr/bin/$3"
    tar -C "$dir" --owner=0 --group=0 -c . | "$1" import "${@:4}" - "$2" >/dev/null
    rm -rf "$dir"
}

# only_engines PROGRAM...: PATH gets these alone, and what podman wants there.
only_engines() {
    local program
    mkdir -p bin
    for program in "$@" newuidmap newgidmap; do
        ! command -v "$program" >/dev/null || ln -sf "$(command -v "$program")" "bin/$program"
    done
    PATH_OF_ENGINES=$PWD/bin
}
