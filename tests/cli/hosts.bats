#!/usr/bin/env bats
# What `check --host` says about generated modules, against what real hosts did with them.
# `make check-hosts` asks the real hosts again.

load helper

setup() {
    scratch
    skip_unless python3
}

# How many of the ten thousand answers wasme may leave open.
UNKNOWN=800

@test "hosts: no module that is promised to load is refused, and none that is refused loads" {
    run python3 "$ROOT/tests/hosts/compare.py" "$WASME" --unknown "$UNKNOWN"
    echo "$output"
    ((status == 0))
}

@test "hosts: the generated modules are the same each time, and each has a recorded answer" {
    python3 "$ROOT/tests/hosts/generate.py" first
    python3 "$ROOT/tests/hosts/generate.py" second
    diff -r first second
    (($(find first -name '*.wasm' | wc -l) >= 300))
    run python3 - "$ROOT/tests/hosts" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import recorded
rows = recorded.read().values()
hosts = [host for host in recorded.HOSTS if not all(row[host] for row in rows)]
sys.exit(f"rows without an answer of {hosts}" if hosts else 0)
END
    echo "$output"
    ((status == 0))
}

@test "hosts: a wrong answer is found" {
    cat >wrong <<'END'
#!/usr/bin/env python3
import json, sys
hosts = [sys.argv[i + 1].partition(":") for i, word in enumerate(sys.argv) if word == "--host"]
print(json.dumps([{"file": path, "hosts": [
    {"host": name, "version": version, "verdict": "loads" if "marker-none" in path else "unknown"}
    for name, _, version in hosts]} for path in sys.argv if path.endswith(".wasm")]))
END
    chmod +x wrong
    run python3 "$ROOT/tests/hosts/compare.py" ./wrong --unknown 1000000
    ((status == 1))
    [[ $output == *"envoy-1.40.0 marker-none: promised, but the host refuses"* ]]
    run python3 "$ROOT/tests/hosts/compare.py" ./wrong --unknown 10
    ((status == 1))
    [[ $output == *"answers are unknown, and 10 may be"* ]]
}

@test "hosts: V8 13 and later take more imports and exports than V8 12 did" {
    python3 - "$ROOT/tests/hosts" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import broken
for name, data in broken.sizes():
    if name.endswith(("_imports", "_exports")):
        open(name + ".wasm", "wb").write(data)
PY
    for kind in imports exports; do
        try check "size-100000_$kind.wasm" --host envoy:1.31 --host envoy:1.34.4 --host envoy
        assert_status 0
        try check "size-100001_$kind.wasm" --host envoy:1.31 --host envoy:1.34.4 --host envoy --host higress
        assert_status 1
        assert_output_matches "^envoy:1.31 +will not load: because the module has 100001 $kind, and the engine of Envoy 1.31 takes 100000 .*Failed to load Wasm bytecode"
        assert_output_matches "^envoy:1.34.4 +will not load: because the module has 100001 $kind"
        assert_output_matches "^envoy:1.40 +will load"
        assert_output_matches "^higress:2.2 +cannot be told: because the module has 100001 $kind"
    done
}
