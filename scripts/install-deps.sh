#!/usr/bin/env bash
# Installs the Debian packages that are missing: install-deps.sh [-n] [GROUP...]
#   build        what `make` needs (the default)
#   check        what the tests need as well
#   lint         formatting and static analysis
#   fuzz         libFuzzer, for `make fuzz`
#   quickstart   what `make quickstart` needs besides build
#   node         Node.js and npm
#   c            Debian's clang with the C and C++ libraries for WASI
#   rust         Debian's cargo with the standard library for wasm32
#   tinygo       what build-tinygo.sh needs besides a Go: about 1 GB
#   peers        what the measurements compare with, so far as Debian has it
# The script does nothing when nothing is missing; -n only says what is missing. The exit status is
# 1 when something is still missing at the end.
set -euo pipefail

# package, and the sign that it is installed: a program, a header, a file, or another test.
packages_of() {
    case $1 in
    build) cat <<'END' ;;
gcc                     program gcc
libc6-dev               header  stdio.h
make                    program make
libcurl4-openssl-dev    header  curl/curl.h
libjansson-dev          header  jansson.h
libssl-dev              header  openssl/sha.h
libarchive-dev          header  archive.h
libgit2-dev             header  git2/version.h
zlib1g-dev              header  zlib.h
libyaml-dev             header  yaml.h
libpcre2-dev            header  pcre2posix.h
ca-certificates         file    /etc/ssl/certs/ca-certificates.crt
END
    check)
        packages_of c
        packages_of node
        packages_of rust
        cat <<'END'
libcmocka-dev           cmocka
bats                    program bats
docker-registry         program docker-registry
nginx-light             program nginx
fcgiwrap                program fcgiwrap
git                     program git
openssh-client          program ssh
openssh-server          program sshd
skopeo                  program skopeo
apache2-utils           program htpasswd
openssl                 program openssl
curl                    program curl
python3                 program python3
python3-pip             pip
python3-yaml            yaml
jq                      program jq
wabt                    program wasm-strip
procps                  program ps
time                    program time
zstd                    program zstd
binaryen                program wasm-opt
zsh                     program zsh
fish                    program fish
groff-base              program groff
podman                  program podman
runc                    program runc
catatonit               program catatonit
uidmap                  program newuidmap
busybox-static          program busybox
docker.io               program dockerd
systemd                 program systemd-analyze
chromium                program chromium
fonts-dejavu-core       file    /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
END
        ;;
    lint) cat <<'END' ;;
clang                   program clang
clang-format            program clang-format
clang-tidy              program clang-tidy
shellcheck              program shellcheck
END
    fuzz) cat <<'END' ;;
clang                   program clang
libclang-rt-14-dev      fuzzer
END
    quickstart) cat <<'END' ;;
curl                    program curl
END
    c) cat <<'END' ;;
clang                     program clang
lld                       program wasm-ld
wasi-libc                 file    /usr/lib/wasm32-wasi/libc.a
libclang-rt-dev-wasm32    clang   -print-libgcc-file-name
libc++-dev-wasm32         clang   -print-file-name=libc++.a
END
    node) cat <<'END' ;;
nodejs                  program node
npm                     program npm
END
    rust) cat <<'END' ;;
cargo                   rust
rustc                   rust
libstd-rust-dev-wasm32  rust
lld                     rust
END
    tinygo) cat <<'END' ;;
clang-19                  program clang-19
lld-19                    program wasm-ld-19
llvm-19-dev               file    /usr/lib/llvm-19/include/llvm/IR/Module.h
libclang-19-dev           file    /usr/lib/llvm-19/include/clang-c/Index.h
libclang-rt-19-dev-wasm32 file    /usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a
wasi-libc                 file    /usr/lib/wasm32-wasi/libc.a
binaryen                  program wasm-opt
g++                       program g++
python3                   program python3
END
    peers) cat <<'END' ;;
docker-registry         program docker-registry
python3                 program python3
END
    *) echo "install-deps.sh: no group called $1" >&2 && exit 2 ;;
    esac
}

has_header() {
    local compiler=gcc
    command -v "$compiler" >/dev/null || compiler=cc
    "$compiler" -E -include "$1" -xc /dev/null >/dev/null 2>&1
}

# A cargo that can build for wasm32: the first one in PATH, or Debian's when another one hides it.
has_rust() {
    local rustc target
    for rustc in "$(command -v rustc || true)" /usr/bin/rustc; do
        [[ -x $rustc && -x ${rustc%rustc}cargo ]] || continue
        for target in wasm32-wasip1 wasm32-wasi wasm32-unknown-unknown; do
            [[ -d $("$rustc" --print target-libdir --target "$target" 2>/dev/null) ]] && return 0
        done
    done
    return 1
}

is_there() {
    case $1 in
    program) [[ -x /usr/bin/$2 || -x /usr/sbin/$2 ]] || type -P "$2" >/dev/null ;; # not what the shell has built in
    header) has_header "$2" ;;
    file) [[ -e $2 ]] ;;
    clang) [[ -e $(clang --target=wasm32-wasi "$2" 2>/dev/null) ]] ;; # the answer is a path when the file is there
    fuzzer) compgen -G "$(clang -print-resource-dir 2>/dev/null)/lib/linux/libclang_rt.fuzzer-*.a" >/dev/null ;;
    cmocka) has_header setjmp.h && [[ -e /usr/include/cmocka.h || -e /usr/local/include/cmocka.h ]] ;;
    rust) has_rust ;;
    pip) python3 -m pip --version >/dev/null 2>&1 ;;
    yaml) python3 -c "import yaml" 2>/dev/null ;;
    esac
}

list_missing() {
    local group package how what
    for group; do
        packages_of "$group"
    done | while read -r package how what; do
        # shellcheck disable=SC2086 # `what` may be absent
        is_there "$how" $what || echo "$package"
    done | sort -u | tr '\n' ' '
}

say_missing() {
    echo "install-deps.sh: missing: $missing- $1" >&2
    exit 1
}

# Debian starts a service when its package is installed; the tests do not want the service.
hold_services() {
    local policy=/usr/sbin/policy-rc.d
    "${root[@]}" test -e "$policy" && return
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
    trap '"${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

# The service must not start with the machine either.
disable_services() {
    local package services
    [[ -d /run/systemd/system ]] || return 0
    while read -r package services; do
        # shellcheck disable=SC2086 # a list of words
        [[ " $missing" != *" $package "* ]] ||
            "${root[@]}" systemctl disable --now $services >/dev/null 2>&1 || true
    done <<'END'
docker-registry docker-registry
nginx-light nginx
docker.io docker.socket docker containerd
podman podman.socket podman podman-restart podman-auto-update.timer
END
}

apt() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1 </dev/null
}

dry=
if [[ ${1:-} == -n ]]; then
    dry=1
    shift
fi
(($#)) || set -- build
for group; do packages_of "$group" >/dev/null; done

missing=$(list_missing "$@")
[[ $missing ]] || exit 0
[[ ! $dry ]] || say_missing "not installed"
command -v apt-get >/dev/null || say_missing "these are Debian's names; install your system's"
root=()
if [[ $(id -u) != 0 ]]; then
    if sudo -n true 2>/dev/null; then
        root=(sudo -n)
    elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
        root=(sudo) # it will ask for the password
    else
        say_missing "install them as root: apt-get install $missing"
    fi
fi

echo "Installing with apt-get: $missing" >&2
log=$(mktemp "${TMPDIR:-/tmp}/wasme-deps.XXXXXX")
hold_services
# shellcheck disable=SC2086 # a list of words
if ! { { apt update || true; } && apt install --no-install-recommends $missing; }; then
    tail -n 20 "$log" >&2
    say_missing "apt-get failed, the whole of what it said is in $log"
fi
rm -f "$log"
disable_services
missing=$(list_missing "$@")
[[ ! $missing ]] || say_missing "installed, and still not to be found"
