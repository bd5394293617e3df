#!/usr/bin/env bash
# Runs tests and counts them: run.sh [layers] [unit] [fuzz] [cli]. `make check` builds them before.
#   BUILD=DIR   the folder of the build that is tested
#   STRICT=1    a skipped test is a failure
#   SANITIZE=1  the build has sanitizers: a report of any process, also a background one, fails
#   JOBS=n      test files side by side         T=name  only files whose names contain this
# The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

: "${BUILD:=$PWD/build/gcc}" "${CC:=gcc}" "${STRICT:=}" "${SANITIZE:=}" "${T:=}"
# Many tests wait for a deadline or for another program: one more than the processors do the work.
jobs=${JOBS:-$(($(nproc 2>/dev/null || echo 2) + 1))}
export BUILD CC STRICT SANITIZE
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES

unit_seconds=300 cli_seconds=900
kept="$BUILD/tests/failed"
reports="$BUILD/tests/sanitizer"
work=$(mktemp -d "${TMPDIR:-/tmp}/wasme-tests.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
rm -rf "$kept" "$reports"
mkdir -p "$kept" "$reports"
export WASME_TESTS_KEPT="$kept"
# The tests use a copy, so a build during the tests does not change the program under test.
mkdir "$work/bin" && cp "$BUILD/wasme" "$work/bin/wasme" || exit 1
export WASME="$work/bin/wasme"

# wasme never exits with 99, so a report cannot look like an error that a test expects. By default
# ASan sets the limit of core files to 0, also for the programs that wasme starts.
if [[ $SANITIZE ]]; then
    export ASAN_OPTIONS="exitcode=99:log_path=$reports/report:detect_leaks=1"
    ASAN_OPTIONS+=":strict_string_checks=1:disable_coredump=0"
    export UBSAN_OPTIONS="exitcode=99:log_path=$reports/report:print_stacktrace=1"
    export LSAN_OPTIONS="exitcode=99"
fi

# --- One job: writes <job>.log (for people) and <job>.counts ("passed failed skipped"). ---

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "  failed: $*"
}
skip() {
    skipped=$((skipped + 1))
    echo "  skipped: $*"
}

# Counts the TAP of $1; a status of $2 that no failed test explains is a failure too.
count_tap() {
    local tap=$1 status=$2 name=$3 line before=$failed planned=0 seen=0
    while IFS= read -r line; do
        case $line in
        1..[0-9]*) planned=$((planned + ${line#1..})) ;;
        "ok "*"# skip"* | "ok "*"# SKIP"* | "not ok "*"# SKIP"*)
            line=${line#not }
            seen=$((seen + 1))
            skip "$name: $(sed -E 's/^ok [0-9]+ (- )?//; s/ ?# (skip|SKIP) ?\(?/: /; s/\)$//' <<<"$line")"
            ;;
        "ok "*) pass && seen=$((seen + 1)) ;;
        "not ok "*)
            seen=$((seen + 1))
            fail "$name: $(sed -E 's/^not ok [0-9]+ (- )?//' <<<"$line")"
            ;;
        esac
    done <"$tap"
    if ((status != 0 && failed == before)); then
        fail "$name: ended with status $status$( ((status == 124)) && echo ' (took too long)')"
    elif ((seen < planned && failed == before)); then
        fail "$name: ran $seen of $planned tests"
    fi
    ((failed == before)) || { grep -v '^ok ' "$tap" | sed 's/^/    /'; }
}

job_layers() {
    local log=$work/layers.txt
    if tests/layers.sh >"$log" 2>&1; then pass; else
        fail "the layer rules"
        sed 's/^/    /' "$log"
    fi
    if tests/layers.sh --self-test >"$log" 2>&1; then pass; else
        fail "the layer check cannot fail"
        sed 's/^/    /' "$log"
    fi
    if tests/layers.sh --calls "$BUILD" >"$log" 2>&1; then pass; else
        fail "files call each other in a circle"
        sed 's/^/    /' "$log"
    fi
}

job_unit() {
    local name=$1 program="$BUILD/tests/unit/$1" status=0
    if [[ ! -x $program ]]; then
        if $CC -E -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h \
            -include cmocka.h -xc /dev/null >/dev/null 2>&1; then
            fail "unit/$name: was not built"
        else
            skip "unit/$name: cmocka.h is not installed (libcmocka-dev)"
        fi
        return
    fi
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$unit_seconds" "$program" >"$work/$name.tap" \
        2>"$work/$name.err" </dev/null || status=$?
    local before=$failed
    count_tap "$work/$name.tap" "$status" "unit/$name"
    ((failed == before)) || sed 's/^/    /' "$work/$name.err"
}

job_fuzz() {
    local name=$1 program="$BUILD/tests/fuzz/replay_$1" corpus=tests/fuzz/corpus/${1#fuzz_}
    if [[ ! -x $program ]]; then
        fail "fuzz/$name: was not built"
    elif [[ ! -d $corpus ]]; then
        fail "fuzz/$name: no corpus in $corpus"
    elif timeout -k 5 "$unit_seconds" "$program" "$corpus" >"$work/$name.txt" 2>&1 </dev/null; then
        pass
    else
        fail "fuzz/$name"
        tail -n 40 "$work/$name.txt" | sed 's/^/    /'
    fi
}

job_cli() {
    local name=$1 status=0
    if ! command -v bats >/dev/null; then
        skip "cli/$name: bats is not installed"
        return
    fi
    timeout -k 20 "$cli_seconds" bats --formatter tap "tests/cli/$name" >"$work/$name.tap" 2>&1 \
        </dev/null || status=$?
    count_tap "$work/$name.tap" "$status" "cli/$name"
}

run_job() {
    local kind=$1 name=$2 started=$SECONDS
    local log="$work/job.$kind.$name"
    passed=0 failed=0 skipped=0 # this job's own: it runs in a subshell
    {
        "job_$kind" "$name"
        local shown="$passed passed"
        ((failed == 0)) || shown+=", $failed failed"
        ((skipped == 0)) || shown+=", $skipped skipped"
        printf '%-7s %-24s %s (%d s)\n' "$kind" "$name" "$shown" $((SECONDS - started))
    } >"$log.log" 2>&1
    echo "$passed $failed $skipped" >"$log.counts.new"
    mv "$log.counts.new" "$log.counts"
}

(($#)) || set -- layers unit fuzz cli

# --- All jobs, several at a time; each is shown when it ends. ---

list_jobs() {
    local kind file
    for kind; do
        case $kind in
        layers) echo "layers includes" ;;
        unit) for file in tests/unit/test_*.c; do echo "unit $(basename "$file" .c)"; done ;;
        fuzz) for file in tests/fuzz/fuzz_*.c; do echo "fuzz $(basename "$file" .c)"; done ;;
        # The largest file comes first, because it probably takes the longest.
        cli) find tests/cli -name '*.bats' -size +0 -printf '%s %f\n' | sort -rn |
            sed 's/^[0-9]* /cli /' ;;
        *) echo "run.sh: no tests called $kind" >&2 && return 1 ;;
        esac
    done | awk -v t="$T" '$1 == "layers" || index($2, t)'
}

show_finished() {
    local counts add_passed add_failed add_skipped
    for counts in "$work"/job.*.counts; do
        [[ -e $counts ]] || continue
        read -r add_passed add_failed add_skipped <"$counts"
        cat "${counts%.counts}.log"
        grep -h '^  skipped: ' "${counts%.counts}.log" >>"$work/skipped"
        passed=$((passed + add_passed)) failed=$((failed + add_failed))
        skipped=$((skipped + add_skipped))
        rm "$counts"
    done
}

: >"$work/skipped"
running=0
while read -r kind name; do
    if ((running >= jobs)); then
        wait -n
        running=$((running - 1))
        show_finished
    fi
    run_job "$kind" "$name" &
    running=$((running + 1))
done < <(list_jobs "$@")
while ((running > 0)); do
    wait -n
    running=$((running - 1))
    show_finished
done

# An empty report comes from a process that was killed while it looked for leaks.
for report in "$reports"/report.*; do
    [[ -s $report ]] || continue
    fail "a sanitizer's report: $report"
    head -n 60 "$report" | sed 's/^/    /'
done
if [[ $STRICT ]] && ((skipped > 0)); then
    echo "Skipped tests are failures here:"
    cat "$work/skipped"
    failed=$((failed + skipped)) skipped=0
fi
find "$reports" -empty -delete
rmdir "$kept" 2>/dev/null
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
