#!/usr/bin/env bash
# Runs the conformance suite of the OCI distribution specification against `wasme serve`:
#   run.sh WASME FOLDER
# FOLDER keeps the suite, which the ordinary client of Go builds once, and its reports. Three runs: the
# settings that the suite has by default (1.1), those of the next version (1.1+dev: digest headers, tags as
# parameters, cancelled uploads), and pulls from a server that can only be read. Sparse images, whose
# layers are nowhere, are off by default in both versions; wasme refuses them.
set -euo pipefail

version=v0.0.0-20260831232431-97274622c111
wasme=$(realpath "$1")
to=$(mkdir -p "$2" && cd "$2" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fetch() {
    [[ ! -x $to/conformance-$version ]] || return 0
    command -v go >/dev/null || {
        echo "conformance: go is not installed" >&2
        return 2
    }
    GOBIN=$to GOFLAGS=-mod=mod go install "github.com/opencontainers/distribution-spec/conformance@$version" || {
        echo "conformance: the suite cannot be built: Go modules are needed" >&2
        return 2
    }
    mv "$to/conformance" "$to/conformance-$version"
}

work=$(mktemp -d)
pid=
stop() {
    [[ ! $pid ]] || kill "$pid" 2>/dev/null || true
    [[ ! $pid ]] || wait "$pid" || true
    pid=
}
trap 'stop; rm -rf "$work"' EXIT

serve() { # ARGUMENT...: sets $address
    : >"$work/announced"
    WASME_HOME=$home "$wasme" serve --bind 127.0.0.1 -p 0 "$@" >"$work/announced" 2>"$work/log" &
    pid=$!
    for _ in {1..100}; do
        ! grep -q CTRL-C "$work/announced" || break
        sleep 0.1
    done
    address=$(sed -nE 's,.*http://(127\.0\.0\.1:[0-9]+).*,\1,p' "$work/announced" | head -n 1)
    [[ $address ]] || {
        cat "$work/log" >&2
        return 1
    }
}

failed=0
# The result line counts and not the status: the suite crashes while it writes the report of a run without pushes.
suite() { # NAME VARIABLE=VALUE...
    local name=$1
    shift
    env "$@" OCI_REGISTRY="$address" OCI_TLS=disabled OCI_RESULTS_DIR="$to/$name" \
        OCI_REPO1=conformance/one OCI_REPO2=conformance/two OCI_CONFIGURATION=/dev/null \
        "$to/conformance-$version" >"$to/$name.txt" 2>&1 || true
    echo "== $name"
    sed -n '/^OCI Conformance Result/,/^Data conformance/p; /^Data conformance/,/^$/p' "$to/$name.txt" |
        grep -v '^Data conformance' || true
    grep -q '^OCI Conformance Result: Pass' "$to/$name.txt" || failed=1
}

# Preloads an image, and prints the settings by which the suite reads it.
preload() {
    local manifest layer
    manifest=$(WASME_HOME=$home "$wasme" build precompiled "$root/examples/add-header.wasm" \
        -t example.com/conformance/one:v1 2>/dev/null | sed 's/.*@//')
    layer=sha256:$(sha256sum "$root/examples/add-header.wasm" | cut -d ' ' -f 1)
    echo "OCI_RO_DATA_TAGS=v1 OCI_RO_DATA_MANIFESTS=$manifest OCI_RO_DATA_BLOBS=$layer OCI_RO_DATA_REFERRERS=$manifest"
}

fetch || exit
for run in 1.1 dev; do
    home=$work/$run
    serve --writable
    suite "$run" OCI_VERSION="$run"
    stop
done
home=$work/read-only
read -ra data <<<"$(preload | tr ' ' '\n' | paste -sd ' ')"
serve
suite read-only OCI_API_PUSH=false OCI_API_BLOBS_DELETE=false OCI_API_MANIFESTS_DELETE=false \
    OCI_API_TAGS_DELETE=false "${data[@]}"
exit "$failed"
