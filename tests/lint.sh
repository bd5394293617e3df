#!/usr/bin/env bash
# All checks of the sources that do not run them: layout, file sizes, layers, the
# contract of errors, clang-tidy, shellcheck. Prints what is wrong; JOBS=n processes side by side.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
max_lines=400
failed=()

# The starters are programs of their own, for another machine.
mapfile -t sources < <(find lib store cmd completions tests -path lib/starter/files -prune -o \
    -name '*.[ch]' -print | sort)
mapfile -t units < <(printf '%s\n' "${sources[@]}" | grep '\.c$')
mapfile -t scripts < <(find . \( -path ./build -o -path ./.git -o -name target \) -prune -o \
    -type f \( -name '*.sh' -o -name '*.bash' -o -name '*.bats' \) -print | sort)
scripts+=(.ci/run)
for file in tests/fake/*; do # programs without a suffix
    [[ -f $file && $(head -c 64 "$file" | head -n 1) == '#!'*sh ]] && scripts+=("$file")
done

# check NAME PROGRAM COMMAND...: runs the command, which needs the program.
check() {
    local name=$1 program=$2 started=$SECONDS
    shift 2
    if ! command -v "$program" >/dev/null; then
        echo "lint: $program is not installed"
        failed+=("$name")
    elif ! "$@"; then
        failed+=("$name")
    fi
    echo "lint: $name ($((SECONDS - started)) s)"
}

layout() {
    clang-format --dry-run -Werror "${sources[@]}"
}

# clang-format leaves comments and strings as they are: a long line with a string may stay.
sizes() {
    wc -l "${sources[@]}" | awk -v max=$max_lines \
        '$2 != "total" && $1 > max { print $2 ": " $1 " lines, more than " max; bad = 1 } END { exit bad }' &&
        LC_ALL=C.UTF-8 awk 'length > 100 && !/"/ { print FILENAME ":" FNR ": longer than 100 columns"; bad = 1 }
            END { exit bad }' "${sources[@]}"
}

# The unit tests are left out, because cmocka's assertions look like dead code to the analyzer.
# err.c is left out, because it defines the functions that lint.h redefines.
tidy_units() {
    printf '%s\n' "${units[@]}" | grep -vE '^(tests/unit/|lib/base/err\.c)' |
        xargs -P "$jobs" -n 4 sh -c 'clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE \
            -D_FILE_OFFSET_BITS=64 -DWASME_VERSION=\"0\" -I. -Ilib -include base/banned.h \
            -include tests/lint.h 2>/dev/null' sh
}

err_contract() {
    tests/err_contract.sh --self-test && JOBS=$jobs tests/err_contract.sh
}

shells() {
    shellcheck -x "${scripts[@]}"
}

check layout clang-format layout
check sizes awk sizes
check layers grep tests/layers.sh
check errors clang err_contract
check shellcheck shellcheck shells
check clang-tidy clang-tidy tidy_units
if ((${#failed[@]})); then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
echo "lint: fine"
