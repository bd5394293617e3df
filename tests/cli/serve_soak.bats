#!/usr/bin/env bats
# wasme serve under requests of all kinds while the store and the folder change: a short run of `make soak`.

load helper

@test "serve: no body has another digest, whatever happens meanwhile" {
    scratch
    skip_unless python3
    python3 "$ROOT/tests/bench/soak.py" --wasme "$WASME" --requests 6000
}
