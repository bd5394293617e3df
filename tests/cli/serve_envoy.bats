#!/usr/bin/env bats
# A real Envoy loads a filter from `wasme serve`, and goes on over restarts of serve.

load helper
load envoy

setup_file() {
    scratch
    skip_unless envoy jq curl
}

setup() {
    scratch
    REF=harbor.example/base/add-header:v1
    [[ ! ${SKIP_FILE:-} ]] || return 0
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$REF" >/dev/null 2>&1
    SHA256=$(sha256_of "$ROOT/examples/add-header.wasm")
}

# remote_envoy URL: an Envoy whose filter comes from the address.
remote_envoy() {
    envoy_config "{remote: {sha256: '$SHA256', http_uri: {uri: '$1', cluster: wasme, timeout: 5s},
        retry_policy: {num_retries: 10, retry_back_off: {base_interval: 0.1s, max_interval: 0.5s}}}}" \
        "$(envoy_cluster wasme "${SERVE_URL##*:}")" >envoy.yaml
    start_envoy
    ENVOY_PID=$BACKGROUND_PID
}

count_fetches() {
    grep -c 'GET /filter.wasm 200' "$1.err" || true
}

@test "serve: Envoy loads /filter.wasm by its sha256, and again after a restart of serve" {
    start_serve "$REF"
    log=$SERVE_LOG
    remote_envoy "$SERVE_URL/filter.wasm"
    assert_equal "$(header)" "200 hello"
    assert_equal "$(count_fetches "$log")" 1
    # Serve is stopped and started on the same port. The Envoy that runs needs nothing meanwhile.
    stop_background "$SERVE_PID"
    assert_equal "$(header)" "200 hello"
    start_serve "$REF" -p "${SERVE_URL##*:}"
    assert_equal "$(header)" "200 hello"
    stop_background "$ENVOY_PID"
    # An Envoy that starts after the restart fetches the filter.
    remote_envoy "$SERVE_URL/filter.wasm"
    assert_equal "$(header)" "200 hello"
    assert_equal "$(count_fetches "$SERVE_LOG")" 1
}

@test "serve: Envoy that starts while serve is down has the filter when serve is back" {
    start_serve "$REF"
    port=${SERVE_URL##*:}
    stop_background "$SERVE_PID"
    (
        sleep 1
        exec env --default-signal=INT "$WASME" serve "$REF" --bind 127.0.0.1 -p "$port" >again.log 2>&1 3>&- 4>&-
    ) &
    echo $! >>"$(background_dir)/pids"
    remote_envoy "$SERVE_URL/filter.wasm"
    wait_until 20 grep -q 'GET /filter.wasm 200' again.log
    wait_until 20 says_hello
}

says_hello() {
    [[ $(header) == "200 hello" ]]
}

@test "serve: Envoy loads a filter that was pushed to the served registry" {
    start_serve --store "$HOME/served" --writable
    "$WASME" tag "$REF" "127.0.0.1:${SERVE_URL##*:}/base/add-header:v1" 2>/dev/null
    "$WASME" push "127.0.0.1:${SERVE_URL##*:}/base/add-header:v1" >/dev/null 2>&1
    remote_envoy "$SERVE_URL/localhost:${SERVE_URL##*:}/base/add-header:v1"
    assert_equal "$(header)" "200 hello"
    stop_background "$ENVOY_PID"
    remote_envoy "$SERVE_URL/$SHA256"
    assert_equal "$(header)" "200 hello"
}

@test "serve: the configuration that a page offers is one that Envoy loads" {
    skip_unless python3
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t harbor.example/add-header:v1 \
        >/dev/null 2>&1
    start_serve
    curl -s "$SERVE_URL/$(basename "$(image_dir harbor.example/add-header:v1)")/" >page
    envoy_config CODE CLUSTERS >template
    python3 - >envoy.yaml <<'END'
import html, re
page = html.unescape(open("page", encoding="utf-8").read())
block = re.search(r'data-what="Envoy: remote code">(.*?)</pre>', page, re.S).group(1)
filter, cluster = block.split("# among the clusters\n")
def at(columns, text):
    return "".join(" " * columns + line + "\n" for line in text.strip().splitlines())
lines = []
for line in open("template"):
    if "vm_config:" in line:
        lines.append(at(16, filter))
    elif "clusters:" in line:
        lines.append("  clusters:\n" + at(2, cluster))
    else:
        lines.append(line)
print("".join(lines))
END
    start_envoy
    assert_equal "$(header)" "200 hello"
}

has_successor() {
    grep -q 'restart: process [0-9]* goes on' "$SERVE_LOG.err"
}

@test "serve: Envoy loads the filter while serve restarts without a gap" {
    start_serve "$REF"
    remote_envoy "$SERVE_URL/filter.wasm"
    assert_equal "$(header)" "200 hello"
    stop_background "$ENVOY_PID"
    kill -USR2 "$SERVE_PID"
    wait_until 30 has_successor
    grep -oE 'restart: process [0-9]+' "$SERVE_LOG.err" | tr -dc '0-9\n' >>"$(background_dir)/pids"
    remote_envoy "$SERVE_URL/filter.wasm"
    assert_equal "$(header)" "200 hello"
    assert_equal "$(count_fetches "$SERVE_LOG")" 2
}
