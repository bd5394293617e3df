#!/usr/bin/env bats
# wasme serve: the pages of a store, an image, a folder and a file, and the same as JSON.

load helper
load serving

setup() {
    scratch
    skip_unless curl python3 jq
}

has() {
    grep -qF -- "$1" body || {
        echo "not in the page: $1"
        return 1
    }
}

has_not() {
    ! grep -qF -- "$1" body || {
        echo "in the page: $1"
        return 1
    }
}

manifest_of() {
    "$WASME" inspect "$1" --json | jq -r .manifestDigest
}

# Checks that the page is well-formed, has no script and style but the two that its policy names, and
# takes nothing from elsewhere.
check_page() {
    python3 - "$(header content-security-policy)" <<'END'
import base64, hashlib, html.parser, re, sys
policy, page = sys.argv[1], open("body", encoding="utf-8").read()
void = {"meta", "link", "input", "path", "rect", "br"}

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.heads, self.texts, self.labels = [], [], [], {}, set()
    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        assert not [n for n in names if n.startswith("on") or n == "style"], (tag, names)
        for key in ("src", "href", "action"):
            assert not re.match(r"(https?:)?//|javascript:", names.get(key) or ""), (tag, names)
        if tag not in void: self.open.append(tag)
        if "id" in names: self.ids.append(names["id"])
        if tag == "label": self.labels.add(names["for"])
        if tag == "th": assert names.get("scope") in ("row", "col"), names
        if re.fullmatch("h[1-6]", tag): self.heads.append(int(tag[1]))
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in void: self.open.pop()
    def handle_endtag(self, tag):
        if tag in void: return
        assert self.open and self.open.pop() == tag, (tag, self.open, self.getpos())
    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.texts.setdefault(self.open[-1], []).append(data)

parsed = Page()
parsed.feed(page)
parsed.close()
assert not parsed.open, parsed.open
assert len(set(parsed.ids)) == len(parsed.ids), parsed.ids
assert "main" in parsed.ids and parsed.heads and parsed.heads[0] == 1 and parsed.heads.count(1) == 1
assert all(b <= a + 1 for a, b in zip(parsed.heads, parsed.heads[1:])), parsed.heads
if "q" in parsed.ids: assert "q" in parsed.labels
for tag in ("script", "style"):
    (text,) = parsed.texts[tag]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert "%s-src 'sha256-%s'" % (tag, digest) in policy, (tag, policy)
for word in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
    assert word in policy, policy
assert "unsafe" not in policy and "http:" not in policy
END
    assert_equal "$(header x-content-type-options)" nosniff
}

@test "serve: the page of the store" {
    add_image harbor.example/base/filter:v1 5000
    add_image harbor.example/base/filter:v2 247600
    add_image other:v1 300
    start_serve
    fetch "$SERVE_URL/"
    assert_equal "$code" 200
    check_page
    has '3 images'
    has 'harbor.example/base/<b>filter</b><span class="tag"><i>:</i>v2</span>'
    has '247.6 kB'
    has v0.2.1
    has '<td class="wide">oci</td>'
    assert_equal "$(grep -c '<tr data-words' body)" 3
    etag=$(header etag)
    fetch -H "If-None-Match: $etag" "$SERVE_URL/"
    assert_equal "$code" 304
    add_image one/more:v1
    fetch -H "If-None-Match: $etag" "$SERVE_URL/"
    assert_equal "$code" 200
    has '<b>more</b>'
}

@test "serve: an empty store has a page, and the first image is on it at once" {
    start_serve
    fetch "$SERVE_URL/"
    assert_equal "$code" 200
    check_page
    has 'no images yet'
    fetch "$SERVE_URL/filter.wasm"
    assert_equal "$code" 404
    add_image first:v1
    fetch "$SERVE_URL/"
    has '<b>first</b>'
    fetch "$SERVE_URL/filter.wasm"
    assert_equal "$code" 200
    "$WASME" rm first:v1 2>/dev/null
    fetch "$SERVE_URL/"
    has 'no images yet'
    rm -rf "$STORE"
    add_image second:v1
    fetch "$SERVE_URL/"
    has '<b>second</b>'
}

@test "serve: a change in place, as the original makes it, is on the page at once" {
    add_image a:v1 5000
    start_serve
    fetch "$SERVE_URL/"
    has '5.0 kB'
    dir=$(image_dir docker.io/library/a:v1)
    make_wasm new.wasm 0_1_0 7000
    cat new.wasm >"$dir/filter.wasm"
    sed "s/sha256:[0-9a-f]*/sha256:$(sha256_of new.wasm)/; s/\"size\":[0-9]*/\"size\":7000/" \
        "$dir/descriptor.json" >descriptor
    cat descriptor >"$dir/descriptor.json"
    fetch "$SERVE_URL/"
    has '7.0 kB'
    has v0.1.0
    fetch "$SERVE_URL/$(sha256_of new.wasm)"
    assert_equal "$code" 200
    assert_same_file body new.wasm
}

@test "serve: a search without scripts" {
    add_image harbor.example/base/filter:v1
    add_image harbor.example/base/auth:v1 400
    add_image docker.example/filter:v9 500
    start_serve
    fetch "$SERVE_URL/?q=HARBOR+filter"
    assert_equal "$code" 200
    check_page
    assert_equal "$(grep -c '<tr data-words' body)" 1
    has '1 of 3 shown'
    has 'value="HARBOR filter"'
    fetch "$SERVE_URL/?x=1&q=$(sha256_of "$(image_dir harbor.example/base/auth:v1)/filter.wasm" | cut -c 1-12)"
    assert_equal "$(grep -c '<tr data-words' body)" 1
    has '<b>auth</b>'
    fetch "$SERVE_URL/?q=nowhere"
    check_page
    has 'No image has all of these words'
    fetch "$SERVE_URL/?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"
    check_page
    has_not '<script>alert'
    fetch "$SERVE_URL/?q=+"
    assert_equal "$(grep -c '<tr data-words' body)" 3
}

@test "serve: the page of an image has its digests where they belong" {
    add_image harbor.example/base/filter:v1 9000
    dir=$(image_dir harbor.example/base/filter:v1)
    sha=$(sha256_of "$dir/filter.wasm") manifest=$(manifest_of harbor.example/base/filter:v1)
    start_serve
    fetch "$SERVE_URL/${dir##*/}/"
    assert_equal "$code" 200
    check_page
    has '<h1>harbor.example/base/filter<span class="tag">'
    has "http://${SERVE_URL#http://}/$sha"
    has "http://${SERVE_URL#http://}/harbor.example/base/filter:v1"
    has "/plugins/filter/v1/plugin.wasm"
    has "$(md5sum <"$dir/filter.wasm" | cut -d' ' -f1)"
    has '<li><code>proxy_abi_version_0_2_1</code></li>'
    has '<rect width="100.0%"'
    # The right digest in the right field.
    python3 - "$sha" "$manifest" <<'END'
import html, re, sys
sha, manifest = sys.argv[1:3]
page = html.unescape(open("body", encoding="utf-8").read())
blocks = dict(re.findall(r'<pre class="copy"[^>]*data-what="([^"]*)">(.*?)</pre>', page, re.S))
assert 'sha256: "%s"' % sha in blocks["Envoy: remote code"], blocks
assert 'sha256: "%s"' % sha in blocks["Istio: WasmPlugin with http://"]
oci = blocks["Istio: WasmPlugin with oci://"]
assert 'sha256: "%s"' % manifest[7:] in oci and "/base/filter:v1" in oci
assert manifest in page
END
    for name in filter.wasm runtime-config.json descriptor.json image_ref; do
        has "href=\"./$name\""
        fetch "$SERVE_URL/${dir##*/}/$name"
        assert_equal "$code" 200
        fetch "$SERVE_URL/${dir##*/}/"
    done
    fetch -H 'Accept: application/json' "$SERVE_URL/${dir##*/}/"
    output=$(<body)
    assert_json .reference harbor.example/base/filter:v1
    assert_json .addresses.fileSha256 "$sha"
    assert_json .addresses.file "$SERVE_URL/harbor.example/base/filter:v1"
    assert_json '.exports | map(.name) | index("malloc") != null' true
    refute_output_contains "$STORE"
}

@test "serve: the oci addresses are those of the served registry" {
    add_image one.example/base/filter:v1 300
    add_image two.example:8443/base/filter:v1 400
    add_image three.example/auth:v1 500
    start_serve
    fetch -H 'Accept: application/json' "$SERVE_URL/"
    jq -r '.[].addresses | .oci + " " + .ociSha256' body >addresses
    assert_equal "$(wc -l <addresses)" 3
    grep -q "^oci://${SERVE_URL#http://}/auth:v1 " addresses
    while read -r oci sha; do
        name=${oci#oci://*/} digest=sha256:$sha
        fetch -H 'Accept: */*' "$SERVE_URL/v2/${name%:*}/manifests/${name##*:}"
        assert_equal "$code $(header docker-content-digest)" "200 $digest" "$oci"
        fetch "$SERVE_URL/v2/${name%:*}/manifests/$digest"
        assert_equal "$code" 200
    done <addresses
    fetch "$SERVE_URL/.well-known/wasm-pkg/registry.json"
    assert_equal "$(jq -r '.preferredProtocol + " " + .oci.registry' body)" "oci ${SERVE_URL#http://}"
    start_serve --no-registry
    fetch "$SERVE_URL/.well-known/wasm-pkg/registry.json"
    assert_equal "$code" 404
    fetch "$SERVE_URL/$(basename "$(image_dir docker.io/library/nowhere:v1)")/"
    assert_equal "$code" 404
    fetch "$SERVE_URL/$(basename "$(image_dir three.example/auth:v1)")/"
    has_not '<code class="copy">oci://'
}

@test "serve: the addresses are those that the client knows, unless it lies" {
    add_image filter:v1
    dir=$(image_dir docker.io/library/filter:v1) port=
    start_serve
    port=${SERVE_URL##*:}
    page=$SERVE_URL/${dir##*/}/
    fetch -H 'Host: store.example:81' "$page"
    has 'http://store.example:81/'
    has 'address: &quot;store.example&quot;, port_value: 81'
    fetch -H 'Host: [::1]:81' "$page"
    has 'address: &quot;::1&quot;, port_value: 81'
    for host in 'x"onload=y' "x'y" 'a b' 'x&y' 'x/y' 'x:99999999' "x:y"; do
        fetch -H "Host: $host" "$page"
        [[ $code == 400 ]] || has "http://localhost:$port/"
        has_not "http://x"
    done
    # What one client asked for is not what another one gets.
    fetch -H 'Host: evil.example' "$page"
    fetch "$page"
    has_not evil.example
}

@test "serve: JSON for those who prefer it" {
    add_image harbor.example/base/filter:v1
    add_image other:v1 300
    start_serve
    fetch -H 'Accept: application/json' "$SERVE_URL/"
    assert_equal "$(header content-type)" application/json
    output=$(<body)
    assert_json length 2
    assert_json '.[0].reference' docker.io/library/other:v1
    assert_json '.[1].name' harbor.example/base/filter
    assert_json '.[1].abi' v0.2.1
    assert_json '.[1].wasmDigest' "sha256:$(sha256_of "$(image_dir harbor.example/base/filter:v1)/filter.wasm")"
    assert_json '.[1].manifestDigest' "$(manifest_of harbor.example/base/filter:v1)"
    assert_json '.[1].directory' null
    fetch "$(jq -r '.[1].addresses.fileByDigest' body)"
    assert_same_file body "$(image_dir harbor.example/base/filter:v1)/filter.wasm"
    fetch -H 'Accept: application/json' "$SERVE_URL/?q=other"
    assert_equal "$(jq length body)" 1
    fetch -H 'Accept: text/html,application/json;q=0.5' "$SERVE_URL/"
    [[ $(header content-type) == text/html* ]]
    [[ $(header vary) == *Accept* ]]
}

@test "serve: the page of a folder has the ABI of its modules" {
    mkdir -p site/sub
    make_wasm site/a.wasm 0_2_1 5000
    make_wasm site/b.wasm none
    echo no >site/c.wasm
    echo hello >site/notes.txt
    : >'site/"><script>alert(1)<'
    start_serve site
    fetch "$SERVE_URL/"
    assert_equal "$code" 200
    check_page
    has_not '<script>alert'
    python3 - <<'END'
import html, re
rows = {}
for row in re.findall(r'<tr data-words.*?</tr>', open("body", encoding="utf-8").read(), re.S):
    name, abi = re.search(r"<b>(.*?)</b>.*<td class=\"abi\">(.*?)</td>", row, re.S).groups()
    rows[html.unescape(name)] = abi
assert rows == {"a.wasm": "v0.2.1", "b.wasm": "none", "c.wasm": "no module", "notes.txt": "",
                "sub/": "", '"><script>alert(1)<': ""}, rows
assert list(rows) == sorted(rows), list(rows)
END
    fetch "$SERVE_URL/?q=v0.2.1"
    assert_equal "$(grep -c '<tr data-words' body)" 1
    fetch -H 'Accept: application/json' "$SERVE_URL/"
    output=$(<body)
    assert_json '.entries[] | select(.name == "a.wasm") | .abi' v0.2.1
    assert_json '.entries[] | select(.name == "sub") | .type' folder
    fetch "$SERVE_URL/sub/"
    check_page
    has 'href="../"'
}

@test "serve: the page of a file, also of one that is no module" {
    make_wasm f.wasm 0_2_1 5000
    start_serve f.wasm
    fetch "$SERVE_URL/"
    check_page
    has "$(sha256_of f.wasm)"
    has v0.2.1
    has "$SERVE_URL/filter.wasm"
    has_not 'oci://'
    echo nonsense >f.wasm
    fetch "$SERVE_URL/"
    assert_equal "$code" 200
    check_page
    has 'no module that a proxy loads'
    rm f.wasm
    fetch "$SERVE_URL/"
    assert_equal "$code" 404
}

@test "serve: a module beyond Envoy's 32 MiB is told of" {
    make_wasm large.wasm 0_2_1 $((32 * 1024 * 1024 + 1))
    make_wasm fits.wasm 0_2_1 $((32 * 1024 * 1024))
    start_serve large.wasm
    grep -q 'large.wasm is too large.*32 MiB.*wasme build --optimize' "$SERVE_LOG.err"
    fetch "$SERVE_URL/"
    has 'more than 32 MiB'
    start_serve fits.wasm
    fetch "$SERVE_URL/"
    has_not 'more than 32 MiB'
    run ! grep -q '32 MiB' "$SERVE_LOG.err"
    # Of a folder and of a store, a thread looks.
    mkdir site
    mv large.wasm fits.wasm site
    start_serve site
    wait_until 5 grep -q 'large.wasm is too large' "$SERVE_LOG.err"
    run ! grep -q fits "$SERVE_LOG.err"
    fetch "$SERVE_URL/"
    has "over Envoy's 32 MiB"
    "$WASME" build precompiled site/large.wasm -t large:v1 2>/dev/null
    start_serve
    wait_until 5 grep -q 'docker.io/library/large:v1 is too large' "$SERVE_LOG.err"
    fetch "$SERVE_URL/"
    add_image b:v1
    fetch "$SERVE_URL/"
    assert_equal "$(grep -c 'too large' "$SERVE_LOG.err")" 1
}
