#!/usr/bin/env bash
# Checks the includes against the layer rules of HACKING.md: layers.sh [ROOT]
# layers.sh --calls BUILD finds files that call each other in a circle; BUILD has the object files.
# layers.sh --self-test proves that a violation is found.
set -euo pipefail

lib="base http credential image module registry git toolchain starter server deploy"

# The rooms whose headers the files of a room may include.
allowed() {
    case $1 in
    base) echo "base" ;;
    starter) echo "base starter" ;;
    http | credential | image | module) echo "base $1" ;;
    module/host) echo "base module module/host" ;;
    registry) echo "base http credential image module registry" ;;
    git) echo "base http credential git" ;;
    toolchain | server | deploy) echo "base image module module/host $1" ;;
    store) echo "$lib store" ;;
    store/transit) echo "$lib module/host store store/transit" ;;
    store/distribution) echo "$lib module/host store store/transit store/distribution" ;;
    cmd | completions) echo "$lib module/host store store/transit cmd completions" ;;
    cmd/serve) echo "$lib module/host store store/transit store/distribution cmd cmd/serve" ;;
    cmd/run) echo "$lib module/host store store/transit cmd cmd/run" ;;
    esac
}

# The file (or files) that may include a third-party header; nothing for a header of the system.
door() {
    case $1 in
    jansson.h | jansson_config.h) echo lib/base/json.c ;;
    openssl/ssl.h | openssl/err.h | openssl/x509*.h) echo lib/server/openssl.h ;;
    openssl/*) echo lib/base/digest.c ;;
    crypt.h) echo lib/server/password.c ;;
    curl/*) echo lib/http/curl.c lib/http/{url,details,curl_outcome,curl_peer,curl_setup}.c ;;
    archive.h | archive_entry.h) echo lib/base/libarchive.h ;;
    git2.h | git2/*) echo lib/git/libgit2.h ;;
    zlib.h | zconf.h) echo lib/image/gateway_gzip.c ;;
    yaml.h) echo lib/base/libyaml.h ;;
    pcre2.h) echo lib/base/pattern.c ;;
    cmocka.h) echo "the unit tests" ;;
    esac
}

room_of() {
    local path=${1#lib/}
    echo "${path%/*}"
}

check_include() {
    local file=$1 line=$2 header=$3 room other
    room=$(room_of "$file")
    other=$(room_of "$header")
    if [[ $header != */* ]]; then
        echo "$file:$line: \"$header\" does not name its room"
    elif [[ " $(allowed "$room") " != *" $other "* ]]; then
        echo "$file:$line: $room must not include \"$header\""
    elif [[ $header == */*.c ]]; then
        echo "$file:$line: \"$header\" is no header"
    fi
}

check_system_include() {
    local file=$1 line=$2 header=$3 only
    only=$(door "$header")
    if [[ $only && " $only " != *" $file "* ]]; then
        echo "$file:$line: <$header> belongs in $only"
    fi
}

# Prints every violation below the current folder. The starters (lib/starter/files) are no part of the layers.
violations() {
    local pattern='^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^>"]*)[>"]' file line text
    while IFS=: read -r file line text; do
        [[ $text =~ $pattern ]] || continue
        if [[ ${BASH_REMATCH[1]} == '"' ]]; then
            check_include "$file" "$line" "${BASH_REMATCH[2]}"
        elif [[ ${BASH_REMATCH[2]} != */* || ${BASH_REMATCH[2]} == */*.h ]]; then
            check_system_include "$file" "$line" "${BASH_REMATCH[2]}"
        fi
    done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' --exclude-dir=files \
        lib store cmd completions 2>/dev/null)
    # No rule would apply to a folder of lib that the rules do not know.
    for file in lib/*/; do
        [[ ! -d $file || " $lib " == *" $(basename "$file") "* ]] || echo "$file: the rules do not know this room"
    done
}

# Reads pairs, and prints the circles that they make.
circles_of() {
    local line
    { tsort 2>&1 >/dev/null || true; } | while IFS= read -r line; do
        case $line in
        *"contains a loop"*) echo "these $1 in a circle:" ;;
        *) echo "    ${line#tsort: }" ;;
        esac
    done
}

# One pair per line: a room, and a room whose headers it includes. The completions belong to cmd.
room_edges() {
    { grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' --include='*.[ch]' --exclude-dir=files \
        lib store cmd completions 2>/dev/null || true; } |
        sed -E 's,^(lib/)?([^:]*)/[^/:]*:[^"]*"([^"]*)/.*,\2 \3,; s/\bcompletions\b/cmd/g' |
        awk '$1 != $2' | sort -u
}

# One pair per line: a file, and a file whose functions or data it uses, by the symbols of the
# object files below the build folder $1. An object whose source no longer exists does not count.
call_edges() {
    local source objects=()
    while read -r source; do
        [[ ! -f $1/${source%.c}.o ]] || objects+=("${source%.c}.o")
    done < <(find lib store cmd completions -name '*.c')
    ((${#objects[@]})) || return 0
    (cd "$1" && nm -gA "${objects[@]}") | awk '
        { file = $1; sub(/\.o:.*/, "", file) }
        $2 != "U" { owner[$3] = file }
        $2 == "U" { users[$3] = users[$3] " " file }
        END {
            for (symbol in users)
                for (i = split(users[symbol], user, " "); i; i--)
                    if (symbol in owner && owner[symbol] != user[i])
                        print user[i], owner[symbol]
        }' | sort -u
}

check_calls() {
    local edges found
    edges=$(cd "$1" && call_edges "$2")
    found=$(circles_of "files call each other" <<<"$edges")
    [[ $edges ]] || found="no object files of the sources are below $2"
    [[ -z $found ]] && return
    echo "$found"
    return 1
}

check_tree() {
    local found
    found=$(cd "$1" && violations && room_edges | circles_of "rooms include each other")
    [[ -z $found ]] && return
    echo "$found"
    return 1
}

# Each line has a file, an include in this file, and the expected verdict.
self_test_cases='
lib/base/a.c         "base/err.h"           fine
lib/base/a.c         "image/ref.h"          wrong
lib/image/a.c        "base/err.h"           fine
lib/image/a.h        "module/module.h"      wrong
lib/module/a.c       "image/ref.h"          wrong
lib/http/a.c         "base/err.h"           fine
lib/http/a.c         "registry/registry.h"  wrong
lib/credential/a.c   "http/http.h"          wrong
lib/registry/a.c     "http/http.h"          fine
lib/registry/a.c     "credential/find.h"    fine
lib/server/a.c       "http/http.h"          wrong
lib/registry/a.c     "image/ref.h"          fine
lib/registry/a.c     "server/server.h"      wrong
lib/server/a.c       "store/store.h"        wrong
lib/toolchain/a.c    "cmd/log.h"            wrong
lib/strange/a.c      "base/err.h"           wrong
store/a.c            "registry/registry.h"  fine
store/a.c            "cmd/log.h"            wrong
lib/module/a.c       "module/host/host.h"   wrong
lib/module/host/a.c  "module/module.h"      fine
store/a.c            "store/transit/a.h"    wrong
store/transit/a.c    "store/store.h"        fine
store/transit/a.c    "cmd/log.h"            wrong
cmd/a.c              "store/transit/a.h"    fine
cmd/a.c              "store/store.h"        fine
cmd/a.c              "log.h"                wrong
cmd/a.c              "store/entry.c"        wrong
lib/base/json.c      <jansson.h>            fine
lib/image/a.c        <jansson.h>            wrong
lib/base/json.c      <openssl/evp.h>        wrong
lib/http/curl.c      <curl/curl.h>          fine
lib/http/url.c       <curl/curl.h>          fine
lib/http/curl.h      <curl/curl.h>          wrong
lib/base/libarchive.h <archive.h>            fine
lib/image/a.c        <archive_entry.h>      wrong
lib/image/gateway_gzip.c <zlib.h>            fine
lib/base/tar.c       <zlib.h>               wrong
lib/base/libyaml.h   <yaml.h>               fine
lib/base/yaml.c      <yaml.h>               wrong
lib/base/pattern.c   <pcre2.h>              fine
cmd/run/trial.c      <pcre2.h>              wrong
lib/http/details.c   <curl/curl.h>          fine
lib/registry/auth.c  <curl/curl.h>          wrong
lib/server/a.c       <sys/socket.h>         fine
lib/server/password.c <crypt.h>              fine
lib/server/login.c   <crypt.h>              wrong
lib/git/a.c          "http/http.h"          fine
lib/git/a.c          "registry/registry.h"  wrong
lib/toolchain/a.c    "git/source.h"         wrong
lib/git/libgit2.h    <git2/odb.h>           fine
lib/git/a.c          <git2/odb.h>           wrong
'

self_test() {
    local tree file header expected got rc=0
    tree=$(mktemp -d "${TMPDIR:-/tmp}/wasme-layers.XXXXXX")
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$tree'" EXIT
    while read -r file header expected; do
        [[ $file ]] || continue
        rm -rf "${tree:?}"/*
        mkdir -p "$tree/$(dirname "$file")"
        printf '#include %s\n' "$header" >"$tree/$file"
        got=fine
        check_tree "$tree" >/dev/null || got=wrong
        if [[ $got != "$expected" ]]; then
            echo "self-test: $file with $header is called $got, and is $expected"
            rc=1
        fi
    done <<<"$self_test_cases"
    if [[ $(circles_of files <<<"a b") || ! $(circles_of files <<<$'a b\nb c\nc a') ]]; then
        echo "self-test: a line is called a circle, or a circle is not found"
        rc=1
    fi
    return $rc
}

if [[ ${1:-} == --self-test ]]; then
    self_test
elif [[ ${1:-} == --calls ]]; then
    check_calls "$(dirname "$0")/.." "$2"
else
    check_tree "${1:-$(dirname "$0")/..}"
fi
