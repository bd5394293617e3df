#!/usr/bin/env bats
# The store on disk: the bytes of the original wasme, and the files of `build precompiled`.

load helper

# An image as the original wasme writes it: REF, and a module of BYTES.
write_original() {
    local dir
    dir=$(image_dir "$1")
    mkdir -p "$dir"
    printf %s "$1" >"$dir/image_ref"
    golden_config "$dir/runtime-config.json"
    make_wasm "$dir/filter.wasm" 0_2_0 "$2"
    printf '{"mediaType":"application/vnd.module.wasm.content.layer.v1+wasm","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.title":"filter.wasm"}}' \
        "$(sha256_of "$dir/filter.wasm")" "$2" >"$dir/descriptor.json"
}

@test "store: the golden facts of melon-add-header" {
    local ref=harbor.hellobike.cn/base/melon-add-header:v0.6 dir
    make_wasm filter.wasm 0_2_1 248664
    golden_config config.json
    try build precompiled filter.wasm -t "$ref" -c config.json
    assert_status 0
    dir=$STORE/a32bb86b56fd75088071c2c348382a44
    assert_file_size "$dir/image_ref" 46
    assert_file_size "$dir/descriptor.json" 225
    assert_file_size "$dir/runtime-config.json" 126
    assert_file_size "$dir/filter.wasm" 248664
    assert_equal "$(cat "$dir/image_ref")" "$ref"
    assert_same_file "$dir/runtime-config.json" config.json
    assert_same_file "$dir/filter.wasm" filter.wasm
    assert_equal "$(find "$dir" -type f -printf '%f\n' | sort | tr '\n' ' ')" \
        "descriptor.json filter.wasm image_ref runtime-config.json "
}

@test "store: the golden facts of wasm-filter-reporter" {
    local ref=harbor.hellobike.cn/base/wasm-filter-reporter:0.1 dir
    make_wasm filter.wasm 0_2_1 76318
    golden_config config.json
    try build precompiled filter.wasm -t "$ref" -c config.json
    assert_status 0
    dir=$STORE/a942f445d394384de38fef37e61fef13
    assert_file_size "$dir/image_ref" 49
    assert_file_size "$dir/descriptor.json" 224
    assert_file_size "$dir/runtime-config.json" 126
    assert_equal "$(cat "$dir/descriptor.json")" "{\"mediaType\":\"application/vnd.module.wasm.content.layer.v1+wasm\",\"digest\":\"sha256:$(sha256_of filter.wasm)\",\"size\":76318,\"annotations\":{\"org.opencontainers.image.title\":\"filter.wasm\"}}"
}

@test "store: the golden manifest digest" {
    golden_wasm empty.wasm
    golden_config config.json
    assert_equal "$(sha256_of config.json)" \
        c9cd896f632a321093530c659e58a689a917b05bacb5dc2f0c7e58ceb308bbc7
    try build precompiled empty.wasm -t golden:v1 -c config.json
    assert_status 0
    assert_output "docker.io/library/golden:v1@sha256:e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60"
    try inspect golden:v1 --json
    assert_json .manifestDigest \
        sha256:e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60
}

@test "store: an image of the original lists, is inspected, tagged and replaced" {
    write_original harbor.example/old/filter:v1 5000
    try list
    assert_status 0
    assert_no_stderr
    assert_output_matches '^harbor.example/old/filter v1 +5.0 kB '
    try inspect harbor.example/old/filter:v1
    assert_status 0
    assert_output_contains v0-4689a30309abf31aee9ae36e73d34b1bb182685f
    try tag harbor.example/old/filter:v1 harbor.example/old/filter:v2
    assert_status 0
    add_image harbor.example/old/filter:v1 6000
    try list
    assert_output_matches '^harbor.example/old/filter v1 +6.0 kB '
    assert_output_matches '^harbor.example/old/filter v2 +5.0 kB '
    try rm harbor.example/old/filter:v1 harbor.example/old/filter:v2
    assert_status 0
    assert_line_count 0
}

@test "store: a reference without registry, path or tag is Docker's" {
    add_image foo
    assert_equal "$(cat "$(image_dir docker.io/library/foo:latest)/image_ref")" \
        docker.io/library/foo:latest
    add_image me/foo:v1
    assert_exists "$(image_dir docker.io/me/foo:v1)/filter.wasm"
    add_image localhost/foo:v1
    assert_exists "$(image_dir localhost/foo:v1)/filter.wasm"
    WASM_IMAGE_REGISTRY=harbor.example add_image me/foo:v3
    assert_exists "$(image_dir harbor.example/me/foo:v3)/filter.wasm"
}

@test "store: --store, WASME_HOME and HOME, in this order" {
    add_image one
    WASME_HOME=$PWD/own add_image two
    assert_exists "$(image_dir docker.io/library/two:latest "$PWD/own/store")/filter.wasm"
    make_wasm a.wasm
    WASME_HOME=$PWD/own try build precompiled a.wasm -t three --store third
    assert_exists "$(image_dir docker.io/library/three:latest third)/filter.wasm"
    assert_equal "$(find "$HOME/.wasme/store" -name image_ref | wc -l)" 1
    try list --store third
    assert_output_contains three
    refute_output_contains one
    HOME='' try list
    assert_status 1
    assert_stderr_contains HOME
}

@test "config: beside the source, or made from the module, or asked for" {
    mkdir beside
    make_wasm beside/a.wasm 0_2_0
    printf '{ "type": "envoy_proxy", "abi_versions": ["v0.2.1"], "config": {"root_ids": ["<&>"]} }\n' \
        >beside/runtime-config.json
    try build precompiled beside/a.wasm -t beside:v1
    assert_status 0
    assert_equal "$(cat "$(image_dir docker.io/library/beside:v1)/runtime-config.json")" \
        '{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["\u003c\u0026\u003e"]}}'

    make_wasm made.wasm 0_2_1
    try build precompiled made.wasm -t made:v1
    assert_status 0
    try inspect made:v1 --json
    assert_json .runtimeConfig.type envoy_proxy
    assert_json '.runtimeConfig.abiVersions | join(",")' v0.2.1
    assert_json '.runtimeConfig.config.rootIds // [] | length' 0

    golden_wasm none.wasm
    try build precompiled none.wasm -t none:v1
    assert_status 1
    assert_stderr_contains " -c"
    try list
    refute_output_contains none
}

@test "config: one that is wrong is refused by name, and nothing is stored" {
    make_wasm a.wasm
    printf '{"type":"envoy_proxy","abiVersion":["v0.2.1"]}' >typo.json
    try build precompiled a.wasm -t a -c typo.json
    assert_status 1
    assert_stderr_contains typo.json
    assert_stderr_contains abiVersion
    printf '{"type":' >broken.json
    try build precompiled a.wasm -t a -c broken.json
    assert_status 1
    assert_stderr_contains broken.json
    try build precompiled a.wasm -t a -c nowhere.json
    assert_status 1
    assert_stderr_contains nowhere.json
    assert_equal "$(find "$HOME" -name image_ref)" ""
}

@test "build: what is no module is refused, and the old image stays" {
    add_image a:v1 300 first
    before=$(sha256_of "$(image_dir docker.io/library/a:v1)/filter.wasm")
    make_wasm good.wasm
    : >empty.wasm
    printf 'hello, world' >text.wasm
    head -c 20 good.wasm >cut.wasm
    printf '\0asm\2\0\0\0' >version.wasm
    printf '\0asm\r\0\1\0' >component.wasm
    { cat good.wasm && printf '\x0b\xff\xff\x03'; } >bounds.wasm
    gzip -c good.wasm >zipped.wasm
    for file in empty text cut version component bounds zipped; do
        try build precompiled "$file.wasm" -t a:v1
        assert_status 1
        assert_output ""
        assert_stderr_contains "$file.wasm"
    done
    try build precompiled . -t a:v1
    assert_status 1
    try build precompiled nowhere.wasm -t a:v1
    assert_status 1
    assert_stderr_contains nowhere.wasm
    assert_equal "$(sha256_of "$(image_dir docker.io/library/a:v1)/filter.wasm")" "$before"
    assert_equal "$(store_leftovers)" ""
}

@test "build: a module without an ABI version is kept with a warning of what proxies answer" {
    make_wasm a.wasm none
    golden_config config.json
    try build precompiled a.wasm -t a -c config.json
    assert_status 0
    assert_stderr_contains "level=warning"
    assert_stderr_contains "Missing or unknown Proxy-Wasm ABI version"
}

@test "build: prints the reference with the manifest's digest, and logs as the original did" {
    make_wasm a.wasm
    try build precompiled a.wasm --tag harbor.example/base/wasm-filter-reporter:0.1 -v
    assert_status 0
    assert_output_matches '^harbor.example/base/wasm-filter-reporter:0.1@sha256:[0-9a-f]{64}$'
    assert_line_count 1
    assert_stderr_matches '^time="[0-9T:Z+-]+" level=info msg="adding image to cache\.\.\." filter file=.*a.wasm tag="harbor'
    assert_stderr_matches 'level=info msg="tagged image" .*image="harbor.example/base/wasm-filter-reporter:0.1"'
    assert_stderr_contains "$(sha256_of a.wasm)"
}

@test "build: without a tag, with a digest for a tag" {
    make_wasm a.wasm
    try build precompiled a.wasm
    assert_status 2
    assert_stderr_contains --tag
    try build precompiled a.wasm -t "a@sha256:$(sha256_of a.wasm)"
    assert_status 2
}

@test "store: one that cannot be written is an error that says so" {
    make_wasm a.wasm
    : >file
    try build precompiled a.wasm -t a --store file
    assert_status 1
    assert_stderr_contains file
    try list --store file
    assert_status 1
    assert_stderr_contains file
}

@test "store: the files are readable by others, as umask allows" {
    (umask 022 && add_image a)
    assert_equal "$(find "$STORE" -type f ! -name .lock ! -perm -044)" ""
    assert_equal "$(stat -c %a "$(image_dir docker.io/library/a:latest)")" 755
}

@test "store: a lock that another process holds is waited for with a word, and is its owner's alone" {
    add_image a
    chmod 644 "$STORE/.lock"
    flock "$STORE/.lock" sleep 3 3>&- &
    local holder=$!
    sleep 0.3
    try_command timeout 20 "$WASME" tag a b
    assert_status 0
    assert_stderr_contains "waiting for"
    assert_equal "$(stat -c %a "$STORE/.lock")" 600
    wait "$holder"
}

# hold_lock [COMMAND...]: a process of this user, or of another user, holds the lock of the store if
# it can.
hold_lock() {
    in_background holder "$@" flock -F -x "$STORE/.lock" sh -c 'echo held; exec sleep 60'
    wait_until 5 grep -q . "$BACKGROUND_LOG" "$BACKGROUND_LOG.err"
}

@test "store: another user cannot hold the lock" {
    [[ $(id -u) == 0 ]] || skip "only root can be another user"
    skip_unless setpriv
    HOME=$(mktemp -d)
    STORE=$HOME/.wasme/store
    chmod 755 "$HOME"
    add_image a
    hold_lock setpriv --reuid=65534 --regid=65534 --clear-groups
    assert_equal "$(cat "$BACKGROUND_LOG")" ""
    try_command timeout -k 1 10 "$WASME" tag a b
    assert_status 0
    refute_stderr_contains waiting
    rm -r "$HOME"
}

@test "store: the wait for the lock ends by Ctrl-C and by --timeout, and nothing is changed" {
    start_registry plain
    add_image "$REGISTRY/a/b:v1" 1000 one
    "$WASME" push "$REGISTRY/a/b:v1" >/dev/null 2>&1
    add_image "$REGISTRY/a/b:v1" 1000 two
    "$WASME" save "$REGISTRY/a/b:v1" -o archive.tar >/dev/null 2>&1
    local before command
    before=$(sha256_of "$(image_dir "$REGISTRY/a/b:v1")/filter.wasm")
    hold_lock
    for command in "tag $REGISTRY/a/b:v1 b" "rm $REGISTRY/a/b:v1" "load archive.tar" \
        "pull $REGISTRY/a/b:v1" "pull $REGISTRY/a/b:v1 $REGISTRY/a/b:latest"; do
        # shellcheck disable=SC2086 # words
        try_command timeout --preserve-status -s INT -k 10 2.5 "$WASME" $command
        assert_status 130
        assert_output ""
        assert_stderr_contains "waiting for $STORE/.lock, which another wasme holds"
    done
    try_command timeout 20 "$WASME" pull --timeout 2 "$REGISTRY/a/b:v1"
    assert_status 1
    assert_stderr_contains "waiting for $STORE/.lock, which another process holds"
    assert_stderr_contains "not done after 2 seconds (--timeout)"
    assert_equal "$(sha256_of "$(image_dir "$REGISTRY/a/b:v1")/filter.wasm")" "$before"
    assert_equal "$(find "$STORE" -name filter.wasm | wc -l)" 1
    stop_background "$BACKGROUND_PID"
    try pull "$REGISTRY/a/b:v1"
    assert_status 0
}

# Every kind of file that is no regular file, in turn: $1 is its name, and $2 the word for its kind.
odd_files() {
    local kind
    for kind in fifo socket device folder; do
        rm -rf "$1"
        case $kind in
        fifo) mkfifo "$1" ;;
        socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1" ;;
        device) ln -s /dev/zero "$1" ;;
        folder) mkdir "$1" ;;
        esac
        "$2" "$kind"
    done
}

refuse() { # KIND COMMAND...
    local kind=$1
    shift
    try_command timeout 10 "$WASME" "$@"
    assert_status 1
    case $kind in
    fifo) assert_stderr_contains "odd: not a regular file but a FIFO" ;;
    socket) assert_stderr_contains "odd: not a regular file but a socket" ;;
    device) assert_stderr_contains "odd: not a regular file but a device" ;;
    folder) assert_stderr_contains "odd: not a regular file but a folder" ;;
    esac
}

refuse_everywhere() { # KIND
    refuse "$1" build precompiled a.wasm -t a -c odd
    refuse "$1" pull 127.0.0.1:1/a/b:c --retries 0 --ca-file odd
    [[ $1 != folder ]] || return 0 # a folder is something to load, and has words of its own to build
    refuse "$1" build precompiled odd -t a
    refuse "$1" load odd
}

@test "files: what is no regular file is named, wherever the user names it" {
    skip_unless python3
    make_wasm a.wasm
    odd_files odd refuse_everywhere
}

refuse_found() { # KIND
    try_command timeout 10 "$WASME" build precompiled a.wasm -t a
    assert_status 1
    assert_stderr_contains "runtime-config.json: not a regular file but a"
}

@test "files: what is found is a regular file, or /dev/null" {
    skip_unless python3
    make_wasm a.wasm
    odd_files runtime-config.json refuse_found
    # wasme reads a pipe that the command line names, but not a pipe that it finds by itself.
    rm -r runtime-config.json
    ln -s /dev/stdin runtime-config.json
    try_command bash -c 'sleep 0.1 | timeout 10 "$1" build precompiled a.wasm -t a' _ "$WASME"
    assert_status 1
    assert_stderr_contains "runtime-config.json: not a regular file but a FIFO"
    mkdir -p "$HOME/.docker"
    ln -s /dev/null "$HOME/.docker/config.json"
    try_command timeout 10 "$WASME" pull 127.0.0.1:1/a/b:c --retries 0
    refute_stderr_contains config.json
}

@test "files: a command's output, <(...), is read where the user names a file" {
    start_registry tls
    make_wasm a.wasm
    golden_config config.json
    try build precompiled a.wasm -t "$REGISTRY/a/b:v1" -c <(cat config.json)
    assert_status 0
    assert_same_file "$(image_dir "$REGISTRY/a/b:v1")/runtime-config.json" config.json
    try push "$REGISTRY/a/b:v1" --ca-file <(sleep 0.5; cat "$CA_FILE")
    assert_status 0
    try pull "$REGISTRY/a/b:v1" --ca-file <(cat "$CA_FILE") -c <(echo '{"auths":{}}')
    assert_status 0
    try pull "$REGISTRY/a/b:v1" --retries 0 --ca-file /dev/null
    assert_status 1
    assert_stderr_contains certificate
}

@test "files: a pipe that nothing comes from is left by Ctrl-C and by --timeout" {
    try_command bash -c 'timeout --preserve-status -s INT -k 10 1.5 "$1" pull 127.0.0.1:1/a/b:c \
        --ca-file <(exec sleep 30)' _ "$WASME"
    assert_status 130
    try_command bash -c 'timeout -k 1 10 "$1" pull 127.0.0.1:1/a/b:c --timeout 1 \
        --ca-file <(exec sleep 30)' _ "$WASME"
    assert_status 1
    assert_stderr_matches 'read /dev/fd/[0-9]+: not done after 1 second \(--timeout\)'
}
