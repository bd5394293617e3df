#!/usr/bin/env bats
# Push and pull with a real registry.

load helper

setup_file() {
    scratch
    start_registry plain
    export PLAIN_REGISTRY=$REGISTRY
}

setup() {
    scratch
    # Each test has its own repository.
    REPO=$REGISTRY/test$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
}

manifest_digest() {
    curl -sf -o /dev/null -D - -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/${1#*/}/manifests/$2" | tr -d '\r' |
        sed -nE 's/^docker-content-digest: //Ip'
}

@test "push: the golden manifest arrives byte for byte" {
    golden_wasm empty.wasm
    golden_config config.json
    "$WASME" build precompiled empty.wasm -t "$REPO:v1" -c config.json >/dev/null 2>&1
    try push "$REPO:v1"
    assert_status 0
    digest=sha256:e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60
    assert_output "$REPO:v1@$digest"
    assert_equal "$(manifest_digest "$REPO" v1)" "$digest"
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/v1" >manifest.json
    assert_file_size manifest.json 852
    assert_equal "sha256:$(sha256_of manifest.json)" "$digest"
    curl -sf "$REGISTRY_URL/v2/${REPO#*/}/blobs/sha256:$(sha256_of config.json)" | cmp - config.json
    curl -sf "$REGISTRY_URL/v2/${REPO#*/}/blobs/sha256:$(sha256_of empty.wasm)" | cmp - empty.wasm
}

@test "push: logs as the original did, and labels both digests" {
    add_image "$REPO:v1" 3000
    wasm=$(sha256_of "$(image_dir "$REPO:v1")/filter.wasm")
    try push "$REPO:v1"
    assert_status 0
    assert_stderr_contains "Pushing image $REPO:v1"
    assert_stderr_contains "Pushed $REPO:v1"
    assert_stderr_matches "Digest: ${output#*@}.*manifest"
    assert_stderr_matches "sha256:$wasm.*filter.wasm"
}

@test "push: what is there already is not sent again" {
    add_image "$REPO:v1" 250000 random
    registry_mark
    try push "$REPO:v1"
    assert_status 0
    assert_equal "$(count_requests 'PUT /v2/[^"]*/blobs')" 2 "blobs sent at first"
    registry_mark
    try push "$REPO:v1"
    assert_status 0
    assert_equal "$(count_requests POST)" 0 "uploads begun at the second push"
    assert_equal "$(count_requests 'PUT /v2/[^"]*/blobs')" 0 "blobs sent at the second push"
    assert_equal "$(count_requests PATCH)" 0
    assert_equal "$(count_requests "GET /v2/test")" 0 "a GET of a manifest counts as a pull"
    assert_equal "$(count_requests "PUT /v2/[^\"]*/manifests")" 0
    "$WASME" tag "$REPO:v1" "$REPO:v2" 2>/dev/null
    registry_mark
    try push "$REPO:v2"
    assert_status 0
    assert_equal "$(count_requests POST)" 0 "uploads for a second tag"
    assert_equal "$(manifest_digest "$REPO" v2)" "$(manifest_digest "$REPO" v1)"
}

@test "push: an image that is not in the store, and a registry that is not there" {
    try push "$REPO:nowhere"
    assert_status 1
    assert_stderr_contains "$REPO:nowhere"
    add_image 127.0.0.1:1/a/b:v1
    try push --retries 0 127.0.0.1:1/a/b:v1
    assert_status 1
    assert_stderr_contains 127.0.0.1:1
    assert_output ""
}

@test "push: wasm that was changed in the store is not sent" {
    add_image "$REPO:v1" 5000 random
    printf x | dd of="$(image_dir "$REPO:v1")/filter.wasm" bs=1 seek=4000 conv=notrunc status=none
    try push --retries 0 "$REPO:v1"
    assert_status 1
    assert_stderr_contains "$(image_dir "$REPO:v1")"
    assert_equal "$(curl -s -o /dev/null -w '%{http_code}' \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/v1")" 404
}

@test "push: several references in one command share a connection" {
    for i in 1 2 3 4; do add_image "$REPO$i:v1" 5000 random; done
    connections=$(count_connections push "$REPO"{1,2,3,4}:v1)
    echo "connections: $connections"
    # Two blobs at the same time, with a HEAD and a POST each, need four connections; four images with
    # separate connections would need sixteen.
    ((connections >= 1 && connections <= 4))
}

# Runs wasme and counts the connections to the registry, by the ports of the clients.
count_connections() {
    local before
    before=$(wc -l <"$REGISTRY_LOG.err")
    "$WASME" "$@" >/dev/null 2>&1
    sleep 0.2
    tail -n +$((before + 1)) "$REGISTRY_LOG.err" |
        grep -oE 'http.request.remoteaddr="[^"]*"' | sort -u | wc -l
}

@test "push and pull: several references; one that fails does not stop the others" {
    add_image "$REPO:a" 3000
    add_image "$REPO:b" 4000
    try push "$REPO:a" "$REPO:missing" "$REPO:b"
    assert_status 1
    assert_stderr_contains "$REPO:missing"
    assert_line_count 2
    try pull --store "$OTHER" "$REPO:a" "$REPO:missing" "$REPO:b"
    assert_status 1
    assert_line_count 2
    assert_stderr_contains "$REPO:missing"
    try list --store "$OTHER"
    assert_line_count 3
}

@test "pull: the same files, in another store" {
    golden_config config.json
    make_wasm a.wasm 0_2_1 100000 random
    "$WASME" build precompiled a.wasm -t "$REPO:v1" -c config.json >/dev/null 2>&1
    pushed=$("$WASME" push "$REPO:v1" 2>/dev/null)
    try pull "$REPO:v1" --store "$OTHER"
    assert_status 0
    assert_output "$pushed"
    assert_stderr_contains "Pulling image $REPO:v1"
    assert_stderr_contains "Image: $REPO:v1"
    assert_stderr_matches "Digest: ${pushed#*@}.*manifest"
    assert_stderr_matches "sha256:$(sha256_of a.wasm).*filter.wasm"
    for file in image_ref descriptor.json runtime-config.json filter.wasm; do
        assert_same_file "$(image_dir "$REPO:v1")/$file" "$(image_dir "$REPO:v1" "$OTHER")/$file"
    done
    assert_equal "$(store_leftovers "$OTHER")" ""
}

@test "pull: by digest" {
    add_image "$REPO:v1" 3000 random
    digest=$("$WASME" push "$REPO:v1" 2>/dev/null | sed 's/.*@//')
    try pull "$REPO@$digest" --store "$OTHER"
    assert_status 0
    assert_output "$REPO@$digest"
    assert_same_file "$(image_dir "$REPO:v1")/filter.wasm" \
        "$(image_dir "$REPO@$digest" "$OTHER")/filter.wasm"
    add_image "$REPO:v1" 4000 random
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    try pull "$REPO:v1@$digest" --store "$OTHER"
    assert_status 0
    assert_same_file "$(image_dir "$REPO@$digest" "$OTHER")/filter.wasm" \
        "$(image_dir "$REPO:v1@$digest" "$OTHER")/filter.wasm"
    try pull "$REPO@sha256:$(printf %064d 0)" --store "$OTHER"
    assert_status 1
    assert_equal "$("$WASME" list --store "$OTHER" | wc -l)" 3
}

@test "pull, then push to another repository: the manifest's digest stays" {
    # A manifest that wasme would not write: with spaces and an unknown annotation.
    golden_config config.json
    make_wasm a.wasm 0_2_1 2000 random
    "$WASME" build precompiled a.wasm -t "$REPO:v1" -c config.json >/dev/null 2>&1
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/v1" |
        jq --tab '.annotations["org.example.who"] = "someone else"' >manifest.json
    curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
        --data-binary @manifest.json "$REGISTRY_URL/v2/${REPO#*/}/manifests/v2"
    digest=sha256:$(sha256_of manifest.json)
    try pull "$REPO:v2" --store "$OTHER"
    assert_status 0
    assert_output "$REPO:v2@$digest"
    "$WASME" tag --store "$OTHER" "$REPO:v2" "$REPO-copy:v3" 2>/dev/null
    try push --store "$OTHER" "$REPO-copy:v3"
    assert_status 0
    assert_output "$REPO-copy:v3@$digest"
    assert_equal "$(manifest_digest "$REPO-copy" v3)" "$digest"
    try push --store "$OTHER" "$REPO:v2"
    assert_output "$REPO:v2@$digest"
}

@test "push: after a build the manifest kept from the pull is gone" {
    add_image "$REPO:v1" 2000 random
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    "$WASME" pull "$REPO:v1" --store "$OTHER" >/dev/null 2>&1
    make_wasm new.wasm 0_2_1 3000 random
    try build precompiled new.wasm -t "$REPO:v1" --store "$OTHER"
    built=$output
    try push "$REPO:v1" --store "$OTHER"
    assert_status 0
    assert_output "$built"
}

@test "pull: replaces an image, and a failed pull leaves the old one" {
    add_image "$REPO:v1" 2000 one
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    "$WASME" pull "$REPO:v1" --store "$OTHER" >/dev/null 2>&1
    first=$(sha256_of "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm")
    add_image "$REPO:v1" 2000 random
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    # The registry's copy of the new wasm is damaged.
    new=$(sha256_of "$(image_dir "$REPO:v1")/filter.wasm")
    blob=$REGISTRY_DATA/docker/registry/v2/blobs/sha256/${new:0:2}/$new/data
    cp "$blob" saved
    printf x | dd of="$blob" bs=1 seek=1500 conv=notrunc status=none
    try pull "$REPO:v1" --store "$OTHER" --retries 1
    assert_status 1
    assert_stderr_contains "sha256:$new"
    assert_equal "$(sha256_of "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm")" "$first"
    try list --store "$OTHER"
    assert_no_stderr
    cp saved "$blob"
    try pull "$REPO:v1" --store "$OTHER"
    assert_status 0
    assert_equal "$(sha256_of "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm")" "$new"
    assert_equal "$(store_leftovers "$OTHER")" ""
}

@test "pull: a tag, a repository, a registry that are not there" {
    add_image "$REPO:v1"
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    try pull "$REPO:nowhere"
    assert_status 1
    assert_stderr_contains "$REPO:nowhere"
    try pull "$REPO-nowhere:v1"
    assert_status 1
    try pull --retries 0 127.0.0.1:1/a/b:v1
    assert_status 1
    assert_stderr_contains 127.0.0.1:1
}

@test "pull: an ordinary image is refused with the reason" {
    printf '{}' >config
    digest=sha256:$(sha256_of config)
    location=$(curl -sf -X POST -D - -o /dev/null "$REGISTRY_URL/v2/${REPO#*/}/blobs/uploads/" |
        tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    curl -sf -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config \
        "$location&digest=$digest"
    printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[]}' \
        "$digest" | curl -sf -X PUT --data-binary @- \
        -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/v1"
    try pull "$REPO:v1"
    assert_status 1
    assert_stderr_contains "layer"
    assert_equal "$(find "$HOME" -name image_ref)" ""
}

@test "push and pull: WASM_IMAGE_REGISTRY names the registry" {
    export WASM_IMAGE_REGISTRY=$REGISTRY
    make_wasm a.wasm
    "$WASME" build precompiled a.wasm -t base/short:v1 >/dev/null 2>&1
    try push base/short:v1
    assert_status 0
    assert_output_contains "$REGISTRY/base/short:v1@sha256:"
    try pull base/short:v1 --store "$OTHER"
    assert_status 0
}

@test "push and pull: at once, from several processes" {
    for i in 1 2 3 4 5 6; do add_image "$REPO$i:v1" 200000 random; done
    pids=()
    for i in 1 2 3 4 5 6; do
        "$WASME" push "$REPO$i:v1" >"push$i" 2>&1 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || { cat push? && false; }; done
    pids=()
    for i in 1 2 3 4 5 6 1 2 3; do
        "$WASME" pull "$REPO$i:v1" --store "$OTHER" >"pull$i" 2>&1 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || { cat pull? && false; }; done
    try list --store "$OTHER"
    assert_no_stderr
    assert_line_count 7
    for i in 1 2 3 4 5 6; do
        assert_same_file "$(image_dir "$REPO$i:v1")/filter.wasm" \
            "$(image_dir "$REPO$i:v1" "$OTHER")/filter.wasm"
    done
}

@test "pull: SIGINT and SIGTERM stop it with status 130 and leave nothing" {
    add_image "$REPO:v1" 60000000 random
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    stopped=0
    for signal in INT TERM; do
        for delay in 0.02 0.04 0.06 0.1 0.15 0.2 0.3; do
            status=0
            # The leak check of a process that ends already does not survive a signal.
            ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 \
                timeout --preserve-status -s $signal $delay "$WASME" pull "$REPO:v1" --store "$OTHER" \
                >out 2>&1 || status=$?
            echo "$signal after $delay s: $status"
            if ((status == 130)); then
                stopped=$((stopped + 1))
                assert_equal "$("$WASME" list --store "$OTHER" | wc -l)" 1
            else
                # The signal came before wasme handled signals, or after wasme had finished.
                ((status == 0 || status == 128 + $(kill -l $signal)))
            fi
            rm -rf "$OTHER"
        done
    done
    ((stopped >= 2))
}

@test "push and pull: 300 MB in less than 20 MB of memory" {
    skip_unless time
    make_wasm big.wasm 0_2_1 300000000
    for step in "build precompiled big.wasm -t $REPO:big" "push $REPO:big" \
        "pull $REPO:big --store $OTHER --max-size 512MiB"; do
        # shellcheck disable=SC2086 # words
        env time -f %M -o memory "$WASME" $step 2>log || { cat log && false; }
        kilobytes=$(cat memory)
        echo "$step: $kilobytes kB"
        is_sanitized || ((kilobytes > 0 && kilobytes < 20000))
    done
    assert_same_file big.wasm "$(image_dir "$REPO:big" "$OTHER")/filter.wasm"
    rm -rf "$OTHER" big.wasm
}

@test "progress: only on a terminal" {
    skip_unless script
    add_image "$REPO:v1" 8000000 random
    try push "$REPO:v1"
    [[ $stderr != *$'\r'* && $stderr != *$'\033'* ]]
    TERM=xterm script -qec "'$WASME' pull '$REPO:v1' --store '$OTHER'" /dev/null >terminal </dev/null
    grep -q $'\r' terminal
    grep -qE $'INFO.*\\[0000\\] Pulling image' terminal
    NO_COLOR=1 TERM=xterm script -qec "'$WASME' pull '$REPO:v1' --store '$OTHER'" /dev/null \
        >plain </dev/null
    run ! grep -qE $'\033\\[[0-9;]*m' plain
}

@test "pull: wasm larger than any module is refused before it is fetched" {
    start_registry plain
    config='{}'
    printf %s "$config" >config
    digest=sha256:$(sha256_of config)
    location=$(curl -sf -X POST -D - -o /dev/null "$REGISTRY_URL/v2/huge/filter/blobs/uploads/" |
        tr -d '\r' | sed -n 's/^Location: //p')
    curl -sf -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config \
        "$location&digest=$digest"
    layer='{"mediaType":"application/vnd.module.wasm.content.layer.v1+wasm","digest":"'$digest'","size":5000000000}'
    printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.module.wasm.config.v1+json","digest":"%s","size":2},"layers":[%s]}' \
        "$digest" "$layer" >manifest
    curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
        --data-binary @manifest "$REGISTRY_URL/v2/huge/filter/manifests/v1"
    try pull "$REGISTRY/huge/filter:v1"
    assert_status 1
    assert_stderr_contains "5000000000 bytes: larger than 268435456, see --max-size"
    assert_equal "$(store_leftovers)" ""
}
