#!/usr/bin/env bash
# Builds the TinyGo that the tests compile filters with, from packages: build-tinygo.sh [FOLDER]
# (default build/peers). The result is FOLDER/usr/bin/tinygo; install-deps.sh installs Debian's LLVM
# and clang for the build. When a TinyGo in PATH makes modules for proxies, the script builds none.
#   - Go's module of TinyGo has the compiler, and not its submodules. The script therefore uses the
#     C library and the compiler's builtins of Debian, and changes the target wasip1 to find them.
#     Other targets, and the packages net and net/http, do not compile with this TinyGo.
#   - A TinyGo refuses a Go that is too new. The wrapper sets GOTOOLCHAIN to a version that TinyGo
#     accepts; `go` fetches this version once into its module cache.
# The script exits with 1 when the build fails, and then does not try again for an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-build/peers}
version=0.39.0
toolchain=go1.25.10
llvm=19 # TinyGo takes 15 to 20
stamp="$version $toolchain llvm$llvm 1"

give_up() {
    mkdir -p "$folder"
    touch "$folder/.failed-tinygo"
    echo "build-tinygo.sh: missing: tinygo - $1" >&2
    exit 1
}

# Before 0.36 there is no mode for a filter that sets itself up in main.
is_current() {
    local words
    words=$("$1" version 2>/dev/null) || return 1
    [[ $words =~ ^tinygo\ version\ ([0-9]+)\.([0-9]+) ]] &&
        ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= 36))
}

# The folder of a Go that fetches other versions of Go (1.21 and later).
find_go() {
    local go version
    for go in "$(type -P go || true)" /usr/local/go/bin/go; do
        [[ -x $go ]] || continue
        version=$(cd / && GOTOOLCHAIN=local "$go" env GOVERSION 2>/dev/null) || continue
        printf '%s\n' go1.21 "$version" | sort -VC && dirname "$go" && return
    done
    return 1
}

# The folder of TinyGo's module in the module cache, where nothing may be changed.
find_source() {
    (cd / && timeout 300 go mod download -json "github.com/tinygo-org/tinygo@v$version" 2>>"$log") |
        python3 -c 'import json, sys; found = json.load(sys.stdin)
print(found["Dir"]) if "Dir" in found else sys.exit(found.get("Error"))' 2>>"$log"
}

# The link gets two more files instead of sources to compile.
use_ready_libc() {
    mkdir -p "$1/lib/wasi"
    cp /usr/lib/wasm32-wasi/libc.a "$1/lib/wasi/libc.a"
    cp "$("clang-$llvm" --print-resource-dir)/lib/wasi/libclang_rt.builtins-wasm32.a" \
        "$1/lib/wasi/builtins.a"
    python3 - "$1/targets/wasip1.json" <<'END'
import json, sys
with open(sys.argv[1]) as file:
    target = json.load(file)
del target["libc"], target["rtlib"]
target["ldflags"] += ["{root}/lib/wasi/libc.a", "{root}/lib/wasi/builtins.a"]
with open(sys.argv[1], "w") as file:
    json.dump(target, file, indent="\t")
END
}

build() {
    local source new=$root.new
    source=$(find_source) && [[ -d $source ]] || return
    rm -rf "$new"
    mkdir -p "$new/bin" &&
        cp -r --no-preserve=mode "$source/src" "$source/targets" "$new/" &&
        mkdir -p "$new/src/net" && # a submodule, whose folder TinyGo lists
        use_ready_libc "$new" || return
    (cd "$source" && GOTOOLCHAIN=$toolchain GOFLAGS=-mod=readonly CGO_ENABLED=1 \
        timeout 1200 go build -p "${JOBS:-$(nproc)}" -tags "llvm$llvm osusergo" -ldflags '-s -w' \
        -o "$new/bin/tinygo" . >>"$log" 2>&1) || return
    echo "$stamp" >"$new/stamp"
    rm -rf "$root"
    mv "$new" "$root"
}

write_wrapper() {
    mkdir -p "$folder/usr/bin"
    cat >"$folder/usr/bin/tinygo.new" <<END
#!/bin/sh
# TinyGo $version with the newest Go that it accepts. TinyGo finds its files relative to this one.
here=\$(dirname "\$(readlink -f "\$0")")
PATH=\$PATH:$go_folder GOTOOLCHAIN=$toolchain exec "\$here/../lib/tinygo/bin/tinygo" "\$@"
END
    chmod 755 "$folder/usr/bin/tinygo.new"
    mv "$folder/usr/bin/tinygo.new" "$folder/usr/bin/tinygo"
}

! is_current tinygo || exit 0
mkdir -p "$folder"
root=$(cd "$folder" && pwd)/usr/lib/tinygo
[[ $(cat "$root/stamp" 2>/dev/null) != "$stamp" ]] || ! is_current "$folder/usr/bin/tinygo" || exit 0
[[ ! $(find "$folder/.failed-tinygo" -mmin -60 2>/dev/null) ]] ||
    { echo "build-tinygo.sh: missing: tinygo - it could not be had just now" >&2 && exit 1; }
[[ $(uname -m) == x86_64 ]] || give_up "it is built on x86-64 only"
go_folder=$(find_go) || give_up "there is no Go 1.21 or later to build it with"
PATH=$PATH:$go_folder
scripts/install-deps.sh tinygo || give_up "the packages above are needed first"
log=$(mktemp "${TMPDIR:-/tmp}/wasme-tinygo.XXXXXX")
trap 'rm -f "$log"' EXIT
echo "Building TinyGo $version into $folder" >&2
build || {
    tail -n 20 "$log" >&2
    give_up "it could not be fetched, or built"
}
write_wrapper
is_current "$folder/usr/bin/tinygo" || give_up "it was built, and does not run"
rm -f "$folder/.failed-tinygo"
