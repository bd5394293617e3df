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

# make_filter FILE ABI [MODULE.NAME[:TYPE]]...: a module that a proxy loads. The module imports these
# functions and exports memory, malloc and proxy_abi_version_<ABI>; with the ABI "none" the last export
# is missing. TYPE has a letter for each parameter, i (i32) or I (i64), and behind "->" for the result:
# "iii->i"; without it the function is () -> ().
make_filter() {
    local file=$1 abi=$2 import name functions index
    shift 2
    functions=$#
    {
        put_bytes 00 61 73 6d 01 00 00 00
        {
            put_number $((functions + 2))
            put_bytes 60 00 00 60 01 7f 01 7f # () -> (), (i32) -> i32
            for import; do put_func_type "$import"; done
        } >types
        put_bytes 01
        put_wide_number "$(stat -c %s types)"
        cat types
        if (($#)); then
            index=2
            for import; do
                name=${import%%:*}
                put_text "${name%%.*}"
                put_text "${name#*.}"
                put_bytes 00
                put_number $((index++))
            done >imports
            put_bytes 02
            put_wide_number $(($(stat -c %s imports) + 1))
            put_number $#
            cat imports
        fi
        put_bytes 03 03 02 00 01    # functions: one of type 0, one of type 1
        put_bytes 05 03 01 00 01    # a memory of a page
        put_bytes 07
        {
            put_bytes 03
            put_text memory
            put_bytes 02 00
            put_text "$([[ $abi == none ]] && echo filter_main || echo "proxy_abi_version_$abi")"
            put_bytes 00
            put_number "$functions"
            put_text malloc
            put_bytes 00
            put_number $((functions + 1))
        } >exports
        put_number "$(stat -c %s exports)"
        cat exports
        put_bytes 0a 09 02 02 00 0b 04 00 41 00 0b # code: nothing, and a constant
    } >"$file"
}

put_func_type() { # MODULE.NAME[:TYPE]
    local type=
    [[ $1 != *:* ]] || type=${1#*:}
    put_bytes 60
    put_values "${type%->*}"
    [[ $type == *-\>* ]] || type=
    put_values "${type#*->}"
}

put_values() { # LETTERS
    local i
    put_number "${#1}"
    for ((i = 0; i < ${#1}; i++)); do
        case ${1:i:1} in
        i) put_bytes 7f ;;
        I) put_bytes 7e ;;
        esac
    done
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
