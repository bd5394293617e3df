# Modules that a proxy loads, and images made by hand in the repository $REPO of the registry at
# $REGISTRY_URL, as other tools make them.
# shellcheck shell=bash

# shellcheck disable=SC2034 # the tests use these types
{
    OCI=application/vnd.oci.image.manifest.v1+json
    OCI_INDEX=application/vnd.oci.image.index.v1+json
    DOCKER=application/vnd.docker.distribution.manifest.v2+json
    IMAGE_CONFIG=application/vnd.oci.image.config.v1+json
    WASM_LAYER=application/vnd.module.wasm.content.layer.v1+wasm
    OCI_TAR=application/vnd.oci.image.layer.v1.tar+gzip
}

setup_file() {
    scratch
    start_registry plain
}

# The scratch folder, and REPO, another repository for each test.
image_scratch() {
    scratch
    skip_unless curl jq
    REPO=$REGISTRY/test$BATS_TEST_NUMBER/filter
}

# A file whose tests need another module has its own setup, which calls image_scratch.
setup() {
    image_scratch
    OTHER=$PWD/other-store
    make_wasm filter.wasm 0_2_1 3000 random
}

# make_filter FILE ABI [MODULE.NAME...]: a module that a proxy loads. The module imports these
# functions and exports malloc and proxy_abi_version_<ABI>; with the ABI "none" the last export is
# missing.
make_filter() {
    local file=$1 abi=$2 import name functions
    shift 2
    functions=$#
    {
        put_bytes 00 61 73 6d 01 00 00 00
        put_bytes 01 04 01 60 00 00 # types: func () -> ()
        if (($#)); then
            put_bytes 02
            for import; do
                put_text "${import%%.*}"
                put_text "${import#*.}"
                put_bytes 00 00
            done >imports
            put_wide_number $(($(stat -c %s imports) + 1))
            put_number $#
            cat imports
        fi
        put_bytes 03 02 01 00 # functions: one of type 0
        put_bytes 07
        for name in malloc "proxy_abi_version_$abi"; do
            put_text "${name/proxy_abi_version_none/filter_main}"
            put_bytes 00
            put_number "$functions"
        done >exports
        put_number $(($(stat -c %s exports) + 1))
        put_bytes 02
        cat exports
        put_bytes 0a 04 01 02 00 0b # code: an empty body
    } >"$file"
}

# put_blob FILE: prints its digest
put_blob() {
    local location digest
    digest=sha256:$(sha256_of "$1")
    location=$(curl -sf -X POST -D - -o /dev/null "$REGISTRY_URL/v2/${REPO#*/}/blobs/uploads/" |
        tr -d '\r' | sed -n 's/^Location: //p')
    curl -sf -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" \
        "$location&digest=$digest" -o /dev/null
    echo "$digest"
}

put_manifest() { # TAG TYPE FILE
    curl -sf -X PUT -H "Content-Type: $2" --data-binary "@$3" \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/$1" -o /dev/null
}
