# What several tests of `wasme serve` do.

# A folder with a filter: the beginning of a test.
setup_site() {
    scratch
    skip_unless curl python3
    mkdir site
    make_wasm site/filter.wasm 0_2_1 1000 random
}

# fetch URL [ARGUMENT...]: sets $code, and writes the body and the header lines to files.
fetch() {
    code=$(curl -s -o body -D headers --max-time 20 -w '%{http_code}' --path-as-is "$@")
}

# The value of a field of the last response.
header() {
    tr -d '\r' <headers | sed -nE "s/^$1: //Ip"
}

# assert_pulled REF DIGEST: wasme pulls the image into an empty store, $OTHER, with this digest and
# the bytes of filter.wasm.
assert_pulled() {
    rm -rf "$OTHER"
    try pull "$1" --store "$OTHER"
    assert_status 0
    assert_output "$1@$2"
    assert_same_file "$(image_dir "$1" "$OTHER")/filter.wasm" filter.wasm
}
