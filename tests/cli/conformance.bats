#!/usr/bin/env bats
# The conformance suite of the OCI distribution specification; see tests/conformance/run.sh.

load helper

@test "conformance: every API and every kind of data, and pulls from a registry that is only read" {
    skip_unless go
    try_command "$ROOT/tests/conformance/run.sh" "$WASME" "$ROOT/build/conformance"
    [[ $status -ne 2 ]] || skip "the suite cannot be built: ${stderr##*$'\n'}"
    assert_status 0
    assert_equal "$(grep -c '^OCI Conformance Result: Pass' <<<"$output")" 3
}
