#!/usr/bin/env bats
# wasme serve and malformed requests: nginx refuses none that wasme serves. RECORD=1 writes the answers of both to
# docs/malformed.md.

load helper

setup() {
    scratch
    skip_unless nginx python3
    mkdir site
    echo inside | tee site/file site/mark site/hidden >/dev/null
    start_serve -q site
    start_nginx <<END
server { listen 127.0.0.1:@PORT@; root $PWD/site; }
END
}

@test "serve: malformed requests are refused at least as nginx refuses them" {
    python3 "$BATS_TEST_DIRNAME/malformed.py" "${SERVE_URL##*:}" "${NGINX##*:}" --table >table
    cat table
    [[ $(wc -l <table) -gt 120 ]]
    [[ -z ${RECORD:-} ]] || record_answers
    # The server is as alive as before.
    assert_equal "$(curl -s "$SERVE_URL/file")" inside
}

record_answers() {
    {
        echo "# Malformed requests"
        echo
        echo "The answers of \`wasme serve\` and of nginx ($(nginx -v 2>&1 | sed 's|.*/||')) to malformed requests, each"
        echo "followed by a well-formed request on the same connection: a second number is the answer to that one."
        echo "\`RECORD=1 bats tests/cli/serve_malformed.bats\` writes this page."
        echo
        cat table
    } >"$BATS_TEST_DIRNAME/../../docs/malformed.md"
}
