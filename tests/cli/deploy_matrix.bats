#!/usr/bin/env bats
# wasme deploy, row by row of tests/deploy/matrix.tsv: which options each target takes, and the words of refusals.
# `make check-deploy` gives the manifests to the code of their readers.

load helper
load toolchains

@test "deploy: hundreds of command lines are taken or refused as the table says" {
    skip_unless python3
    use_clang
    try_command python3 "$ROOT/tests/deploy/run.py" "$WASME" --quick
    assert_status 0
    assert_output_matches '^1[0-9]{2} accepted, 1[0-9]{2} refused, 0 faults'
}

@test "deploy: the comparison with the table finds a wasme that takes everything, and one that takes nothing" {
    skip_unless python3
    use_clang
    printf '#!/bin/sh\n[ "$1" != deploy ] || exit 0\nexec "%s" "$@"\n' "$WASME" >yes
    printf '#!/bin/sh\n[ "$1" != deploy ] || { echo "wasme: no" >&2; exit 1; }\nexec "%s" "$@"\n' "$WASME" >no
    chmod +x yes no
    try_command python3 "$ROOT/tests/deploy/run.py" ./yes --quick istio-plain name-upper
    assert_status 1
    assert_output_contains "FAULT name-upper: status 0"
    try_command python3 "$ROOT/tests/deploy/run.py" ./no --quick istio-plain name-upper
    assert_status 1
    assert_output_contains "FAULT istio-plain: refused: wasme: no"
    assert_output_contains 'FAULT name-upper: the error has no "a name has lower case letters"'
}
