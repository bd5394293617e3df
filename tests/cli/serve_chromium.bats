#!/usr/bin/env bats
# wasme serve: the pages in a real Chromium. WASME_SHOTS=DIR keeps pictures of them.

load helper

setup_file() {
    scratch
    skip_unless chromium python3
    [[ ! ${SKIP_FILE:-} ]] || return 0
    mkdir site
    make_wasm site/one.wasm 0_2_1 5000
    make_wasm site/two.wasm none
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    add_image harbor.example/base/filter:v1 5000
    add_image harbor.example/base/filter:v2 247600
    add_image harbor.example/base/auth:v1 700
    add_image other/large:v1 $((33 * 1024 * 1024))
    BATS_TEST_TMPDIR=
    start_serve
    export STORE_URL=$SERVE_URL
    start_serve site
    export SITE_URL=$SERVE_URL
    export SHOTS=${WASME_SHOTS:-$BATS_FILE_TMPDIR}
}

setup() {
    scratch
}

# browse: runs the Python on standard input with `browser`, STORE, SITE and `shot`.
browse() {
    { cat "$ROOT/tests/cli/browser.py" - <<'END'; } >script.py
import re, urllib.request
STORE, SITE, SHOTS = os.environ["STORE_URL"], os.environ["SITE_URL"], os.environ["SHOTS"]
LOOKS = [(width, dark) for width in (1200, 390) for dark in (False, True)]
index = urllib.request.urlopen(STORE).read().decode()
image_of = {ref: STORE + "/" + folder + "/" for ref, folder in
            re.findall(r'data-words="(\S+) [^>]*><th scope="row"><a href="\./([0-9a-f]{32})/', index)}
PAGES = {"store": STORE, "search": STORE + "/?q=filter", "empty": STORE + "/?q=nowhere",
         "image": image_of["harbor.example/base/filter:v2"],
         "large": image_of["docker.io/other/large:v1"], "folder": SITE}
def rows(page):
    return page.run("[].map.call(document.querySelectorAll('table.list tbody tr:not([hidden])'),"
                    " row => row.children[0].textContent)")
END
    cat >>script.py
    timeout 200 python3 script.py
}

@test "serve in Chromium: pages fit, and have nothing to complain of, in light and dark, wide and narrow" {
    browse <<'END'
with Browser() as browser:
    for name, url in PAGES.items():
        for width, dark in LOOKS:
            page = browser.open(url, width=width, dark=dark)
            assert not page.complaints(), (name, page.complaints())
            assert page.run("document.documentElement.scrollWidth") <= width, (name, width)
            page.shot("%s/%s-%s-%s.png" % (SHOTS, name, "wide" if width > 600 else "narrow",
                                           "dark" if dark else "light"))
    looks = [browser.open(STORE, dark=dark).run("getComputedStyle(document.body).backgroundColor")
             for dark in (False, True)]
    assert looks[0] != looks[1], looks
END
}

@test "serve in Chromium: all text has the contrast that WCAG 2 asks for at level AA" {
    browse <<'END'
CONTRAST = r"""
(() => {
  const parse = text => text.match(/[\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = color.map(c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = node => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const bad = [];
  let seen = 0;
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    if (!own || parseFloat(style.fontSize) === 0 || box.width <= 1 || /SCRIPT|STYLE/.test(node.tagName)) continue;
    seen++;
    const a = light(parse(style.color).slice(0, 3)), b = light(behind(node));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push([node.outerHTML.slice(0, 80), ratio]);
  }
  return {bad, seen};
})()"""
with Browser() as browser:
    for name, url in PAGES.items():
        for width, dark in LOOKS:
            found = browser.open(url, width=width, dark=dark).run(CONTRAST)
            assert found["seen"] > 5 and not found["bad"], (name, dark, found)
END
}

@test "serve in Chromium: a search as one types, by keyboard alone" {
    browse <<'END'
with Browser() as browser:
    page = browser.open(STORE)
    assert len(rows(page)) == 4, rows(page)
    page.key("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.key("/")
    assert page.run("document.activeElement.id") == "q"
    page.type("HARBOR v1")
    assert rows(page) == ["harbor.example/base/auth:v1", "harbor.example/base/filter:v1"], rows(page)
    assert page.run("document.getElementById('status').textContent") == "2 of 4 shown"
    assert page.run("document.getElementById('status').getAttribute('role')") == "status"
    page.key("Escape")
    assert len(rows(page)) == 4
    page.type("/")
    assert page.run("document.getElementById('q').value") == "/"
    # A page that came with a search widens again when the words are changed.
    page = browser.open(PAGES["search"])
    assert len(rows(page)) == 2
    page.run("document.getElementById('q').select()")
    page.type("auth")
    page.wait("location.search === '?q=auth' && document.readyState === 'complete'")
    assert rows(page) == ["harbor.example/base/auth:v1"]
END
}

@test "serve in Chromium: sorting, ages, and buttons to copy" {
    browse <<'END'
with Browser() as browser:
    page = browser.open(STORE)
    size = "document.querySelectorAll('table.list thead th')[1]"
    page.run(size + ".querySelector('button').click()")
    assert rows(page)[0].endswith("auth:v1") and rows(page)[-1].endswith("large:v1"), rows(page)
    assert page.run(size + ".getAttribute('aria-sort')") == "ascending"
    page.run(size + ".querySelector('button').click()")
    assert rows(page)[0].endswith("large:v1"), rows(page)
    assert page.run("document.querySelector('time').textContent") in ("just now", "1 minute ago",
                                                                      "2 minutes ago")
    page = browser.open(PAGES["image"])
    browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.call("Page.bringToFront")
    page.run("document.querySelector('pre.copy + button.copy').click()")
    page.wait("document.querySelector('pre.copy + button.copy').textContent === 'Copied'")
    names = page.run("[].map.call(document.querySelectorAll('button.copy'), b => b.getAttribute('aria-label'))")
    assert len(names) > 5 and len(set(names)) == len(names), names
END
}

@test "serve in Chromium: what a screen reader is told" {
    browse <<'END'
def tree(page):
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    return [(n.get("role", {}).get("value"), n.get("name", {}).get("value", "")) for n in nodes
            if not n.get("ignored")]
with Browser() as browser:
    for width in (1200, 390):
        page = browser.open(STORE, width=width)
        page.call("Accessibility.enable")
        told = tree(page)
        for wanted in (("heading", "Images"), ("searchbox", "Search the images"), ("main", ""),
                       ("table", "Images of the store"), ("link", "Skip to the content"),
                       ("link", "harbor.example/base/filter:v2"),
                       ("rowheader", "harbor.example/base/filter:v2")):
            assert wanted in told, (width, wanted, told)
        assert [n for r, n in told if r == "row"] and [n for r, n in told if r in ("cell", "gridcell")]
    told = tree(browser.open(PAGES["image"]))
    for wanted in ("Addresses", "Digests", "Configuration", "Who takes it", "Sections"):
        assert ("heading", wanted) in told and ("region", wanted) in told, (wanted, told)
END
}

@test "serve in Chromium: without scripts" {
    browse <<'END'
with Browser() as browser:
    page = browser.open(STORE, scripts=False)
    text = page.call("DOM.getDocument", depth=-1) and page.call("Runtime.evaluate",
        expression="document.body.innerText", returnByValue=True)["result"]["value"]
    assert "harbor.example/base/filter" in text and "Search" in text
    page.run("document.getElementById('q').focus()")
    page.type("auth")
    page.key("Enter")
    page.wait("location.search === '?q=auth' && document.readyState === 'complete'")
    assert rows(page) == ["harbor.example/base/auth:v1"], rows(page)
    assert page.run("document.querySelectorAll('button.copy').length") == 0
END
}
