# The real compilers: each use_* puts a compiler first in PATH, or skips the test and says why.
# shellcheck shell=bash

# The first folder with a cargo whose Rust has a standard library for wasm32; sets TARGET.
use_cargo() {
    local folder target
    for folder in "$(dirname "$(command -v cargo || echo /none/cargo)")" /usr/bin; do
        if [ ! -x "$folder/cargo" ] || [ ! -x "$folder/rustc" ]; then continue; fi
        for target in wasm32-wasip1 wasm32-wasi wasm32-unknown-unknown; do
            if compgen -G "$("$folder/rustc" --print target-libdir --target $target \
                2>/dev/null)/libstd-*" >/dev/null; then
                PATH=$folder:/usr/bin:/bin:$PATH
                TARGET=$target
                return 0
            fi
        done
    done
    skip "no Rust with a standard library for wasm32"
}

# A Rust of today, with the target wasm32-wasip1: that in PATH, or the one of unpack-rust.sh.
use_rust() {
    local folder=${WASME_PEERS:-$ROOT/build/peers/usr/bin}/../../rust/bin
    [[ -d $(rustc --print target-libdir --target wasm32-wasip1 2>/dev/null) ]] || PATH=$folder:$PATH
    [[ -d $(rustc --print target-libdir --target wasm32-wasip1 2>/dev/null) ]] ||
        skip "no Rust for wasm32-wasip1: scripts/unpack-rust.sh says why"
}

use_go() {
    local go
    go=$(command -v go || echo /usr/local/go/bin/go)
    [[ -x $go ]] || skip "no Go"
    [[ $(cd / && "$go" env GOVERSION | sed 's/^go1\.\([0-9]*\).*/\1/') -ge 24 ]] || skip "Go is before 1.24"
    PATH=$(dirname "$go"):$PATH
}

# The TinyGo in PATH, or the one of build-tinygo.sh; the build modes for filters are complete since
# 0.36.
use_tinygo() {
    local words
    words=$(tinygo version 2>/dev/null) || skip "no TinyGo: scripts/build-tinygo.sh says why"
    [[ $words =~ version\ ([0-9]+)\.([0-9]+) ]]
    ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= 36)) || skip "TinyGo is before 0.36"
}

# The modules that the go.mod of a folder requires, in Go's own cache.
use_modules() {
    PATH=$PATH:/usr/local/go/bin command -v go >/dev/null || skip "no Go"
    (cd "$1" && PATH=$PATH:/usr/local/go/bin go mod download) >modules.log 2>&1 ||
        skip "the modules of $(basename "$1") cannot be fetched: $(tail -n 1 modules.log)"
}

# A clang with a C library for WASI, and what its linker needs.
use_clang() {
    local clang
    clang=$(command -v clang) || skip "no clang"
    "$WASME" doctor | grep -q "^ok    c  " || skip "no C library for WASI: $("$clang" --version | head -n 1)"
}

use_cpp() {
    use_clang
    [[ $(clang --target=wasm32-wasi -print-file-name=libc++.a) == /* ]] || skip "no C++ library for WASI"
}

# use_npm FOLDER: Node.js, and the packages of the folder's package.json, which npm writes into a
# lockfile there; wasme installs from that.
use_npm() {
    local program
    for program in node npm; do
        command -v $program >/dev/null || skip "no $program"
    done
    [[ $(node --version) =~ ^v([0-9]+) ]]
    ((BASH_REMATCH[1] >= 18)) || skip "Node.js is before 18"
    (cd "$1" && npm install --package-lock-only --no-audit --no-fund) >npm.log 2>&1 ||
        skip "the packages of $(basename "$1") cannot be fetched: $(tail -n 1 npm.log)"
}

# The packages that were fetched once serve all runs; nothing else is shared.
share_caches() {
    export GOPATH=${GOPATH:-$ROOT/build/starters/go} CARGO_HOME=${CARGO_HOME:-$ROOT/build/starters/cargo}
    export npm_config_cache=$ROOT/build/starters/npm npm_config_update_notifier=false
}
