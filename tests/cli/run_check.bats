#!/usr/bin/env bats
# wasme run --check and --test: requests to a filter in a real Envoy, and what is expected of them.

load helper
load running

@test "run --check: a request as curl has it, and all expectations met" {
    try_run "$PROBE" --config 'a b' --check "curl -X PUT /log?q -H 'X-Mine: a b' -d 'some \"body\"'" \
        --expect-status 200 --expect-header 'x-probe:  a b ' --expect-header Content-Type \
        --expect-no-header x-none --expect-body '"method":"PUT","path":"/log?q"' \
        --expect-body '"x-mine":"a b"' --expect-body '"body":"some \"body\""' --expect-log 'line of info'
    assert_status 1
    assert_output_contains 'not ok 1 - curl -X PUT'
    assert_output_contains 'expected in the filter'\''s log something with "line of info"; nothing came'
    try_run "$PROBE" --config 'a b' --check "curl -X PUT /log -H 'X-Mine: a b' -d 'some \"body\"'" \
        --expect-status 200 --expect-header 'x-probe: a b' --expect-header Content-Type \
        --expect-no-header x-none --expect-body '"method":"PUT","path":"/log"' \
        --expect-body '"x-mine":"a b"' --expect-body '"body":"some \"body\""' --expect-log 'line of info'
    assert_status 0
    assert_output "TAP version 13
1..1
ok 1 - curl -X PUT /log -H 'X-Mine: a b' -d 'some \"body\"'"
}

@test "run --check: each expectation that is not met is told, with what came" {
    try_run "$PROBE" --check / --check /deny --check 'http://other.host/x' --expect-header x-none \
        --expect-header 'x-probe: other' --expect-no-header X-Probe --expect-body nothing
    assert_status 1
    assert_output_contains 'not ok 1 - /'
    assert_output_contains 'field "x-none"; there is none'
    assert_output_contains 'with the value "other"; its value is "none"'
    assert_output_contains 'no field "X-Probe"; its value is "none"'
    assert_output_contains '"host":"other.host"'
    assert_output_contains 'not ok 2 - /deny'
    assert_output_contains 'expected a status from 200 to 399; the status is 403'
    assert_output_contains 'something with "nothing"; came: "denied"'
    assert_stderr_contains "run: 3 of 3 checks failed"
}

@test "run --check: the body of -d @FILE, the Host of -H, and the header that curl adds" {
    printf 'one\r\ntwo\n' >body.txt
    try_run "$PROBE" --check "http://a.host/ -H 'Host: other.host' -d @body.txt -d c" --expect-body '"body":"onetwo&c"' \
        --expect-body '"host":"other.host"' --expect-body '"content-type":"application/x-www-form-urlencoded"'
    assert_status 0
    try_run "$PROBE" --check "'/<a>?b&c' -d '\\u0026\\<'" --expect-body '"path":"/<a>?b&c"' --expect-body '"body":"\\u0026\\<"'
    assert_status 0
    try_run "$PROBE" --check "/ --data-binary @body.txt -H 'content-type: text/plain'" \
        --expect-body '"body":"one\r\ntwo\n"' --expect-body '"content-type":"text/plain"'
    assert_status 0
    try_run "$PROBE" --check '/ -d @none.txt'
    assert_status 1
    assert_stderr_contains "none.txt"
}

@test "run --check: --log-level hides lines, and --expect-log finds them" {
    try_run "$PROBE" --log-level error --check /log --expect-log 'a line of info'
    assert_status 0
    assert_stderr_contains 'a line of error'
    refute_stderr_contains 'a line of info'
    try_run "$PROBE" --check /log --expect-log 'a line of debug'
    assert_status 1
}

@test "run --check: a trap is an answer of Envoy, and the next request gets one as well" {
    try_run "$PROBE" --check /trap --check / --expect-status 503
    assert_status 0
    assert_stderr_contains unreachable
}

@test "run --check: a # in a name is no directive of the report" {
    try_run "$PROBE" --check "/ -d '# TODO'" --expect-status 500
    assert_status 1
    assert_output_contains "not ok 1 - / -d '\\# TODO'"
}

@test "run --check: what cannot be understood is told before Envoy starts" {
    try_run "$PROBE" --check '-Z /'
    assert_status 2
    assert_stderr_contains "-Z"
    try_run "$PROBE" --check "/ -H 'open"
    assert_status 2
    try_run "$PROBE" --check '/ -H nothing'
    assert_status 2
    try_run "$PROBE" --check 'word'
    assert_status 2
    try_run "$PROBE" --check ''
    assert_status 2
    try_run "$PROBE" --check / --expect-no-header 'x-none: a'
    assert_status 2
    assert_stderr_contains "write the name of a header, and no value"
    try_run "$PROBE" --check / --expect-header 'x probe'
    assert_status 2
    try_run "$PROBE" --expect-status 200
    assert_status 2
    assert_stderr_contains "--check"
}

write_suite() {
    cat >suite.yaml <<'END'
env:
  log_level: DEBUG
  config_path: config.txt
test:
- name: request and response
  request_headers:
    input:
      header:
      - {key: ":path", value: /log}
      - {key: ":method", value: PUT}
      - {key: Host, value: my.host}
      - {key: x-mine, value: a}
      - {key: x-mine, value: b}
    result:
      has_header:
      - {key: ":path", value: /log}
      - {key: ":authority", value: my.host}
      - {key: x-mine, value: "a, b"}
      - {key: x-order, value: from a file}
      no_header: [{key: x-none}]
      headers: [{exact: ":method: PUT"}, {regex: 'x-order: \w+ a (?:file|folder)'}, {regex: ':scheme: https', invert: 'true'}]
      log: [{exact: a line of debug}, {regex: '.*of\swarning'}, {contains: second half}, {exact: a line of trace, invert: true}]
  response_headers:
    input:
      header: [{key: ":status", value: 418}, {key: x-theirs, value: c}, {key: content-length, value: 99}]
    result:
      has_header: [{key: ":status", value: '418'}, {key: x-theirs, value: c}, {key: x-probe, value: from a file}]
  plugin_init: {log: [{exact: from a file}]}
- name: immediate response
  request_headers:
    input: {content: "GET http://a.host/deny HTTP/1.1\nMyHeader: v\n"}
    result:
      immediate: {http_status: 403}
      body: [{exact: denied}]
- name: bodies
  benchmark: 'true'
  num_chunks: 2
  requestBody:
  - input: {file: request.txt}
    result: {body: [{file: request.txt}]}
  response_body:
  - input: {content: given}
    result: {body: [{exact: given}, {regex: 'g[a-z]+\D'}]}
- name: method before body
  request_headers: {input: {header: [{key: ":method", value: GET}]}, result: {has_header: [{key: ":method", value: GET}]}}
  request_body: [{input: {content: a}, result: {body: [{exact: a}]}}]
- name: parts
  request_body:
  - {input: {content: abc}, result: {body: [{regex: 'a.c'}]}}
  - {input: {content: def}, result: {body: [{regex: 'd.f'}, {regex: 'f.', invert: 'true'}]}}
- name: changed body
  request_headers: {input: {header: [{key: ":path", value: /body}]}}
  response_headers: {input: {content: "HTTP/1.1 200 OK\nContent-Type: text/plain\n"}, result: {headers: [{exact: 'content-type: text/plain'}]}}
  response_body:
  - input: {content: given}
    result: {body: [{exact: changed}]}
END
    printf 'from a file' >config.txt
    printf 'one\ntwo\n' >request.txt
}

@test "run --test: a file in the shape of Google's TestSuite" {
    write_suite
    try_run "$PROBE" --test suite.yaml
    assert_status 0
    assert_output "TAP version 13
1..6
ok 1 - request and response
ok 2 - immediate response
ok 3 - bodies
ok 4 - method before body
ok 5 - parts
ok 6 - changed body"
    mkdir elsewhere
    cd elsewhere
    try_run "$PROBE" --test ../suite.yaml --config own
    assert_status 1
    assert_output_contains 'with the value "from a file"; its value is "own"'
}

@test "run --test: JSON, and tests that fail say what came" {
    cat >suite.json <<'END'
{"test": [
 {"name": "wrong", "requestHeaders": {"input": {"header": [{"key": ":path", "value": "/log"}]},
  "result": {"hasHeader": [{"key": "x-order", "value": "other"}], "noHeader": [{"key": "x-order"}],
   "log": [{"exact": "missing"}, {"regex": "a line of info.*", "invert": true}]}}},
 {"name": "denied", "requestHeaders": {"input": {"header": [{"key": ":path", "value": "/deny"}]},
  "result": {"hasHeader": [{"key": "x-order", "value": "none"}]}}},
 {"name": "not denied", "requestHeaders": {"result": {"immediate": {"http_status": 403}}}},
 {"name": "right", "responseHeaders": {"result": {"hasHeader": [{"key": "x-probe", "value": "none"}]}}}]}
END
    try_run "$PROBE" --test suite.json
    assert_status 1
    assert_output_contains 'with the value "other"; its value is "none"'
    assert_output_contains 'no field "x-order"; its value is "none"'
    assert_output_contains 'the text "missing"; came:'
    assert_output_contains 'not a match of "a line of info.*"; came:'
    assert_output_contains 'not ok 2 - denied'
    assert_output_contains 'reaches the server behind the filter; the answer was 403'
    assert_output_contains 'does not reach the server behind the filter; the answer was 200'
    assert_output_contains 'ok 4 - right'
    assert_stderr_contains "3 of 4 checks failed"
}

@test "run --test: a file that cannot be understood is told with the place" {
    refuse() { # TEXT WORDS
        printf '%s\n' "$1" >suite.yaml
        try_run "$PROBE" --test suite.yaml
        ((status != 0)) || complain "not refused: $1"
        assert_stderr_contains "suite.yaml"
        assert_stderr_contains "$2"
        assert_output ""
    }
    refuse 'test: []' '"test"'
    refuse 'tests: [{name: a}]' '"test"'
    refuse $'env:\ntest: [{name: a}]' '"env" is to be an object'
    refuse 'test: [{name: a, request: {}}]' 'test "a": "request" is not known'
    refuse 'test: [{name: a, request_headers: {inputs: {}}}]' 'request_headers.inputs is not known'
    refuse 'test: [{name: a, request_headers: {result: {headers: [{regex: "(a"}]}}}]' 'no regular expression'
    refuse 'test: [{name: a, request_headers: {result: {headers: [{}]}}}]' 'a matcher has none of'
    refuse 'test: [{name: a, request_headers: {input: {file: none.txt}}}]' 'none.txt'
    refuse 'test: [{name: a, properties: [{path: a, value: b}]}]' 'properties'
    refuse 'test: [{name: a, request_headers: {input: text}}]' 'request_headers.input is to be an object'
    refuse 'test: [{name: a, request_headers: {input: {header: {key: a}}}}]' 'request_headers.input.header is to be a list'
    refuse 'test: [{name: a, request_headers: {input: {header: [a]}}}]' 'header: item 1 is to be an object'
    refuse 'test: [{name: a, request_headers: {input: {header: [{key: a, val: b}]}}}]' 'and no val'
    refuse 'test: [{name: a, request_headers: {input: {header: [{key: ":status", value: 200}]}}}]' ':status is not known'
    refuse 'test: [{name: a, request_headers: {input: {header: [{key: ":path", value: "/a b"}]}}}]' '"/a b" is no path'
    refuse 'test: [{name: a, request_headers: {input: {header: [{key: ":path"}]}}}]' '"" is no path, as /a'
    refuse 'test: [{name: a, request_headers: {input: {header: [{key: a, value: "b\r\nc: d"}]}}}]' 'is no header'
    refuse 'test: [{name: a, request_headers: {input: {content: "GET / HTTP/1.1\nnothing"}}}]' '"nothing" is no header'
    refuse 'test: [{name: a, response_headers: {input: {header: [{key: ":status", value: 100}]}}}]' 'from 200 to 599'
    refuse 'test: [{name: a, response_headers: {result: {log: {exact: a}}}}]' 'response_headers.result.log is to be a list'
    refuse 'test: [{name: a, response_headers: {result: {log: [{exact: a, regex: b}]}}}]' 'a matcher has regex, and another one'
    refuse 'test: [{name: a, response_headers: {result: {log: [{exact: a, invert: yes}]}}}]' 'invert is to be true or false'
    refuse 'test: [{name: a, response_headers: {result: {log: [{exact: a, inverted: true}]}}}]' 'inverted is not known'
    refuse 'test: [{name: a, response_headers: {result: {immediate: {status: 403}}}}]' 'immediate.status is not known'
    refuse 'test: [{name: a, response_body: {input: {content: a}}}]' 'response_body is to be a list'
    refuse $'test:\n- name: a\n  name: b' 'line 2: the key "name" is there twice'
    refuse $'test:\n- &x {name: a}\n- *x' 'line 3: an alias'
    refuse $'test: [\n' 'line 3'
    refuse 'env: {log_level: LOUD}
test: [{name: a}]' 'LOUD'
    try_run "$PROBE" --test none.yaml
    assert_status 1
    assert_stderr_contains none.yaml
}

@test "run: a chain runs in the order of the command line, each filter with its configuration" {
    cp "$PROBE" other.wasm
    try_run "$PROBE" other.wasm "$PROBE" --config first --config '' --config third \
        --check / --expect-body '"x-order":"first, none, third"'
    assert_status 0
    assert_stderr_contains "msg=first filter=probe"
    assert_stderr_contains "msg=none filter=other"
    assert_stderr_contains "msg=third filter=probe-2"
}

@test "run --cluster: the filter calls a server by the name of its cluster" {
    mkdir site
    echo hello >site/called
    start_serve site
    try_run "$PROBE" --cluster "callee=${SERVE_URL#http://}" --check /call --expect-body '"x-called":"200"'
    assert_status 0
    try_run "$PROBE" --check /call --expect-log 'the call could not be made'
    assert_status 0
}

@test "run --to: requests go on to another server" {
    mkdir site
    echo hello >site/a.txt
    start_serve site
    try_run "$PROBE" --to "$SERVE_URL" --check /a.txt --expect-body hello --expect-header 'x-probe: none'
    assert_status 0
    make_certificates .
    start_serve site --tls-cert server.pem --tls-key server.key
    try_run "$PROBE" --to "https://localhost:${SERVE_URL##*:}" --ca-file ca.pem --check /a.txt --expect-body hello
    assert_status 0
    try_run "$PROBE" --to "https://localhost:${SERVE_URL##*:}" --check /a.txt --expect-status 503
    assert_status 0
    wait_until 10 grep -q 'unknown ca' "$SERVE_LOG.err"
    write_suite
    try_run "$PROBE" --to "$SERVE_URL" --test suite.yaml
    assert_status 2
    assert_stderr_contains "--to"
}
