#!/usr/bin/env bats
# wasme check against the gateways' own code: the verdicts that tests/hosts/gateways has recorded, image by image.

load helper

@test "check: what Istio and Envoy Gateway do with hundreds of images" {
    skip_unless python3
    try_command python3 "$ROOT/tests/hosts/gateways/run.py" "$WASME"
    assert_status 0
    assert_output_matches '^[0-9]{3} images, of which [0-9]{3} load somewhere: 0 wrong answers'
}

@test "check: where Istio and Envoy Gateway ask for no token" {
    skip_unless python3
    try_command python3 "$ROOT/tests/hosts/gateways/logins.py" "$WASME"
    assert_status 0
    assert_output_matches '^8 realms: 0 wrong answers, [0-2] that are not known'
}

@test "check: the comparison with the gateways finds a wasme that promises everything" {
    skip_unless python3
    cat >yes <<'END'
#!/bin/sh
echo '{"gateways":[{"gateway":"istio","verdict":"loads"}]}'
END
    chmod +x yes
    try_command python3 "$ROOT/tests/hosts/gateways/run.py" ./yes layers-none form-oci
    assert_status 1
    assert_output_contains "layers-none: istio: FALSE PROMISE"
    assert_output_contains "form-oci: istio: OTHER BYTES"
}
