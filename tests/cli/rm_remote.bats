#!/usr/bin/env bats
# wasme rm --remote: real registries, a Harbor, and registries that remove in another way
# (tests/fake/harbor.py).

load helper

setup_file() {
    scratch
    start_registry basic
}

setup() {
    scratch
    REPO=$REGISTRY/test$BATS_TEST_NUMBER/filter
    LOGIN=(-u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD")
}

# publish TAG BYTES: an image of that size, in the store and on the registry.
publish() {
    add_image "$REPO:$1" "$2"
    "$WASME" push "$REPO:$1" "${LOGIN[@]}" >/dev/null 2>&1
}

assert_tags() {
    try tags "$REPO" "${LOGIN[@]}"
    assert_status 0
    assert_output "$1"
}

@test "rm --remote: the last tag of a manifest goes with it, and the local image stays" {
    local pinned
    publish v1 300
    publish v2 400
    pinned=$("$WASME" push "$REPO:v1" "${LOGIN[@]}" 2>/dev/null)
    try rm --remote "$REPO:v1" "${LOGIN[@]}"
    assert_status 0
    assert_output ""
    assert_stderr_contains "removed image from its registry"
    assert_stderr_contains "${pinned#*@}"
    assert_tags v2
    try list
    assert_output_contains v1
    try pull "$REPO@${pinned#*@}" "${LOGIN[@]}" --store other
    assert_status 1
}

@test "rm --remote: other tags of the manifest are named, and stay without --force" {
    publish v1 300
    publish v3 400
    "$WASME" tag "$REPO:v1" "$REPO:v2"
    "$WASME" push "$REPO:v2" "${LOGIN[@]}"
    try rm --remote "$REPO:v1" "${LOGIN[@]}"
    assert_status 1
    assert_stderr_matches "other tags are of the same manifest, sha256:[0-9a-f]{64}, .*: v2; "
    assert_stderr_contains --force
    assert_tags $'v1\nv2\nv3'
    try rm --remote --force "$REPO:v1" "${LOGIN[@]}"
    assert_status 0
    assert_tags v3
}

@test "rm --remote: by digest, each of its tags counts" {
    local pinned
    publish v1 300
    pinned=$("$WASME" push "$REPO:v1" "${LOGIN[@]}" 2>/dev/null)
    try rm --remote "$REPO@${pinned#*@}" "${LOGIN[@]}"
    assert_status 1
    assert_stderr_contains ": v1; "
    try rm --remote "$REPO:v1@${pinned#*@}" "${LOGIN[@]}"
    assert_status 0
    assert_tags ""
}

@test "rm --remote: several, of which one is not there" {
    publish v1 300
    publish v2 400
    try rm --remote "$REPO:v1" "$REPO:nowhere" "$REPO:v2" "${LOGIN[@]}"
    assert_status 1
    assert_stderr_contains "$REPO:nowhere"
    assert_stderr_contains 404
    assert_stderr_contains "1 of 3 failed"
    assert_tags ""
}

@test "rm --remote: without a login nothing goes" {
    publish v1 300
    try rm --remote "$REPO:v1"
    assert_status 1
    assert_stderr_contains "no credentials"
    assert_tags v1
}

@test "rm: --force and a login are for --remote" {
    try rm --force "$REPO:v1"
    assert_status 2
    try rm "$REPO:v1" "${LOGIN[@]}"
    assert_status 2
    assert_stderr_contains --remote
}

@test "rm --remote: a registry on which removing is switched off" {
    local url
    start_registry plain
    stop_background "$REGISTRY_PID"
    sed -i 's/enabled: true/enabled: false/' "${REGISTRY_DATA%/data}/config.yml"
    in_background off env -i PATH="$PATH" docker-registry serve "${REGISTRY_DATA%/data}/config.yml"
    wait_until 20 grep -q 'listening on' "$BACKGROUND_LOG.err"
    url=$(sed -nE 's/.*listening on ([0-9.:]+).*/\1/p' "$BACKGROUND_LOG.err" | head -n 1)
    add_image "$url/a/b:v1"
    "$WASME" push "$url/a/b:v1"
    try rm --remote "$url/a/b:v1"
    assert_status 1
    assert_stderr_contains "405"
    assert_stderr_contains REGISTRY_STORAGE_DELETE_ENABLED
    try tags "$url/a/b"
    assert_output v1
}

@test "rm --remote: on a Harbor only the tag goes" {
    start_harbor harbor
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 0
    assert_stderr_contains "removed tag from its registry"
    try_harbor list --published -s "$HARBOR" --search filter
    assert_line_count 3
    assert_output_matches "filter +v2 "
    assert_output_matches "filter +v3 "
    assert_equal "$(harbor_requests 'DELETE ')" 1
    assert_equal "$(harbor_requests 'DELETE .*/filter/artifacts/sha256:[0-9a-f]*/tags/v1 basic$')" 1
    try_harbor rm --remote "$HARBOR/base/a/b:v1"
    assert_status 0
    assert_equal "$(harbor_requests 'DELETE .*/projects/base/repositories/a%252Fb/')" 1
}

@test "rm --remote: on a Harbor by digest, and what is not there" {
    local digest
    start_harbor harbor
    try_harbor list --published -s "$HARBOR" --search filter --json
    digest=$(jq -r '.[] | select(.tag == "v1").manifestDigest' <<<"$output")
    try_harbor rm --remote "$HARBOR/base/filter@$digest"
    assert_status 1
    assert_stderr_contains ": v1, v2; "
    assert_equal "$(harbor_requests 'DELETE ')" 0
    try_harbor rm --remote --force "$HARBOR/base/filter@$digest"
    assert_status 0
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 1
    assert_stderr_contains 404
    try rm --remote "$HARBOR/base/filter:v3"
    assert_status 1
    assert_stderr_contains "no credentials"
}

@test "rm --remote: a tag alone, where the registry can do that" {
    start_harbor removes-tags
    try rm --remote "$HARBOR/base/filter:v1"
    assert_status 0
    assert_stderr_contains "removed tag from its registry"
    assert_equal "$(harbor_requests 'DELETE ')" 1
    try tags "$HARBOR/base/filter"
    assert_output $'v2\nv3'
}

@test "rm --remote: when it is not known which tags would go, none goes" {
    start_harbor hidden-tags
    try rm --remote "$HARBOR/base/filter:v1"
    assert_status 1
    assert_equal "$(harbor_requests 'DELETE .*sha256')" 0
    try rm --remote --force "$HARBOR/base/filter:v1"
    assert_status 0
    assert_equal "$(harbor_requests 'DELETE .*sha256')" 1
}

@test "rm --remote: an image that a tagged index names stays without --force" {
    local digest url=$REGISTRY_URL/v2/${REPO#*/}
    publish v1 300
    digest=$("$WASME" push "$REPO:v1" "${LOGIN[@]}" 2>/dev/null)
    digest=${digest#*@}
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d}]}' \
        "$digest" "$(curl -sf -u "$REGISTRY_USER:$REGISTRY_PASSWORD" \
            -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$url/manifests/v1" | wc -c)" >index
    curl -sf -u "$REGISTRY_USER:$REGISTRY_PASSWORD" -X PUT --data-binary @index \
        -H 'Content-Type: application/vnd.oci.image.index.v1+json' "$url/manifests/multi" -o /dev/null
    try rm --remote "$REPO:v1" "${LOGIN[@]}"
    assert_status 1
    assert_stderr_contains ": multi; "
    assert_tags $'multi\nv1'
}

@test "rm --remote: a removal whose answer was lost is done, and takes nothing more" {
    start_harbor loses-answer
    try rm --remote "$HARBOR/base/filter:v1"
    assert_status 0
    assert_equal "$(harbor_requests 'DELETE .*sha256')" 0
    try tags "$HARBOR/base/filter"
    assert_output $'v2\nv3'
}

@test "rm --remote: on a Harbor no more rights are needed than it asks for" {
    start_harbor harbor-robot
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 0
    assert_stderr_matches "removed tag from its registry.*sha256:[0-9a-f]{64}"
    assert_equal "$(harbor_requests 'HEAD /v2/base/filter/manifests/v1 bearer$')" 1
    assert_equal "$(harbor_requests 'GET /v2/')" 0 "a GET would count as a pull"
    try_harbor rm --remote "$HARBOR/base/filter@sha256:$(printf '%064d' 0)"
    assert_status 1
    assert_stderr_contains "which tags are of the image is not known: --force removes it without looking"
    start_harbor harbor-tag-robot
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 0
    assert_stderr_contains 'manifest="not known"'
    assert_equal "$(harbor_requests 'DELETE .*/artifacts/v1/tags/v1 basic$')" 1
}

@test "rm --remote: a Harbor's refusals with the next step" {
    local digest
    start_harbor harbor-developer
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 1
    assert_stderr_contains "403 Forbidden: forbidden (FORBIDDEN): this account may not remove images there"
    assert_stderr_contains "developers may not"
    start_harbor harbor-immutable
    try_harbor rm --remote "$HARBOR/base/filter:v1"
    assert_status 1
    assert_stderr_contains "configured as immutable, cannot be deleted (PRECONDITION): a rule of the project"
    start_harbor harbor-child
    try_harbor list --published -s "$HARBOR" --search filter --json
    digest=$(jq -r '.[] | select(.tag == "v1").manifestDigest' <<<"$output")
    try_harbor rm --remote --force "$HARBOR/base/filter@$digest"
    assert_status 1
    assert_stderr_contains "(VIOLATE_FOREIGN_KEY_CONSTRAINT): an index has the image in it: remove that first"
}

@test "rm --remote: on a Harbor a login that is not taken is tried once" {
    start_harbor harbor
    try rm --remote "$HARBOR/base/filter:v1" -u me --password-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "the registry does not take this login"
    assert_equal "$(harbor_requests ' basic$')" 1
    assert_equal "$(harbor_requests 'DELETE ')" 0
}

@test "rm --remote: other tags are looked at by HEAD" {
    start_harbor one-bad
    try rm --remote "$HARBOR/team/tool:v1"
    assert_status 0
    assert_equal "$(harbor_requests 'GET .*/manifests/')" 0
    publish v1 300
    publish v2 400
    publish v3 500
    registry_mark
    try rm --remote "$REPO:v1" "${LOGIN[@]}"
    assert_status 0
    assert_equal "$(count_requests "GET /v2/${REPO#*/}/manifests")" 0
    assert_tags $'v2\nv3'
}
