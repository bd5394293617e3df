#!/usr/bin/env bats
# AssemblyScript: what is refused, and with which words. npm, Node.js and the compiler are real.

load helper
load toolchains

setup() {
    scratch
    mkdir source
}

build() {
    local source=$1
    shift
    try build assemblyscript "$source" -t filter:v1 -- "$@"
}

# The exit status is 1, the error has each part, and nothing is stored.
assert_failed() {
    local part
    assert_status 1
    assert_line_count 0
    for part; do
        assert_stderr_contains "$part"
    done
    refute_exists "$(image_dir docker.io/library/filter:v1)"
}

# package SCRIPTS: a project whose packages count as installed, though there is no compiler.
package() {
    echo "{\"scripts\": {$1}}" >source/package.json
}

@test "assemblyscript: no project, a broken package.json, no Node.js" {
    build source
    assert_failed "source source: no package.json there that can be read: name the folder of the npm project"
    echo '{' >source/package.json
    build source
    assert_failed "source/package.json: "
    package ''
    try_command env PATH=/nonexistent "$WASME" build assemblyscript source -t filter:v1
    assert_failed "node: not found in PATH: get Node.js and npm from https://nodejs.org/"
    mkdir bin
    printf '#!/bin/sh\necho v20.0.0\n' >bin/node
    chmod +x bin/node
    package '"build": "true"'
    try_command env PATH="$PWD/bin" "$WASME" build assemblyscript source -t filter:v1
    assert_failed "npm: not found in PATH: get Node.js and npm from https://nodejs.org/"
}

@test "assemblyscript: packages that are not installed, with the command of the project's own tool" {
    skip_unless node npm
    echo '{"devDependencies": {"assemblyscript": "*"}}' >source/package.json
    build source
    assert_failed "the packages of package.json are not installed, there is no node_modules/.bin/asc: run \`npm install\` there"
    touch source/yarn.lock
    build source
    assert_failed "run \`yarn install\` there"
    rm source/yarn.lock
    touch source/pnpm-lock.yaml
    build source
    assert_failed "run \`pnpm install\` there"
    mkdir source/node_modules # which `npm ci` would remove
    touch source/package-lock.json
    build source
    assert_failed "run \`npm ci\` there"
    refute_stderr_contains "npm ci --include"
    rmdir source/node_modules
    build source
    assert_failed "cd source && npm ci --include=dev" "npm ci ended with status 1: see its output above"
    package ''
    build source
    assert_failed "no script asbuild in package.json, and no compiler: run \`npm install --save-dev assemblyscript\` there"
}

@test "assemblyscript: a script that fails, that writes nothing, and that writes two modules" {
    skip_unless node npm
    package '"asbuild": "echo the words of the compiler; exit 3"'
    build source
    assert_failed "the words of the compiler" "npm run asbuild ended with status 3: see its output above"
    mkdir -p source/build
    cp "$ROOT/examples/add-header.wasm" source/build/release.wasm
    package '"asbuild": "true"'
    build source
    assert_failed "npm run asbuild ended well but wrote no .wasm file in source: if the script writes the file elsewhere"
    package '"asbuild": "cp build/release.wasm one.wasm; cp build/release.wasm build/two.wasm"'
    build source
    assert_failed "npm run asbuild wrote 2 modules, build/two.wasm, one.wasm: add the one that you want with \`wasme build precompiled\`"
    # The same words again and in the same place are a new module, too.
    package '"asbuild": "cp build/release.wasm one.wasm"'
    build source
    assert_status 0
    mkdir -p source/node_modules/other source/.cache
    package '"asbuild": "cp build/release.wasm .cache/x.wasm; cp build/release.wasm node_modules/other/x.wasm; ln -s build/release.wasm y.wasm; cp build/release.wasm dist.wasm"'
    build source
    assert_status 0
    assert_stderr_contains "source/dist.wasm"
}

@test "assemblyscript: which script, and the words behind --" {
    skip_unless node npm
    cp "$ROOT/examples/add-header.wasm" source/it
    package '"build": "cp it", "asbuild": "exit 1"'
    build source
    assert_failed "npm run asbuild "
    package '"build": "cp it", "start": "exit 1"'
    build source out.wasm
    assert_status 0
    assert_stderr_contains "npm run build -- out.wasm"
    package '"build": "exit 1", "asbuild": "exit 1", "asbuild:release": "cp it a.wasm", "asbuild:optimized": "exit 1"'
    build source
    assert_status 0
    assert_stderr_contains "package.json has the script asbuild:release"
}

@test "assemblyscript: the compiler of the project, its words, and the flags of the user" {
    cp -r "$ROOT/tests/filters/header-assemblyscript/." source
    use_npm source
    sed -i 's/^export function proxy_abi/&_not/' source/assembly/index.ts
    build source
    assert_failed "the module that assemblyscript made exports no ABI version" "export * from"
    mv source/assembly/index.ts source/assembly/filter.ts
    build source
    assert_failed "no script asbuild in package.json, and no assembly/index.ts: name the source file behind --"
    build source assembly/filter.ts --debug --use abort=aborted
    assert_failed "asc --optimize -o /" "'aborted'" "asc ended with status 1: see its output above"
    build source assembly/filter.ts --use abort=abort_proc_exit
    assert_failed "asc ended with status 1: " "import the SDK in the source, or give -- --use abort="
    echo 'export function broken(: void {}' >source/assembly/index.ts
    build source
    assert_failed "ERROR TS1" "asc ended with status 1: see its output above"
    cp "$ROOT/tests/filters/header-assemblyscript/assembly/index.ts" source/assembly/index.ts
    echo '{"targets": {"release": {"optimizeLevel": 3, "shrinkLevel": 2}}, "options": {"use": "abort="}}' >source/asconfig.json
    build source
    assert_status 0
    assert_stderr_contains "asc assembly/index.ts --target release -o /"
    echo '{"entries": ["assembly/index.ts"]}' >source/asconfig.json
    build source --target debug
    assert_status 0
    assert_stderr_contains "asc --use abort= -o /"
    rm -r "$STORE"
    build source --outFile elsewhere.wasm
    assert_failed "asc ended well and wrote no file /" "leave out the flags behind -- that lead its output elsewhere"
    build source -o elsewhere.wasm
    assert_status 0
    cmp "$(image_dir docker.io/library/filter:v1)/filter.wasm" source/elsewhere.wasm
}

@test "assemblyscript: the SDK of the registry with a compiler that is too new for it" {
    cp -r "$ROOT/tests/filters/header-proxy-runtime/." source
    sed -i 's/0\.14\.13/0.27.37/; s/-b build/-o build/' source/package.json
    use_npm source
    build source
    assert_failed "@solo-io/proxy-runtime 0.1.8 does not compile with AssemblyScript 0.27.37: run \`npm install --save-dev --save-exact assemblyscript@0.14.13\`" \
        "npm run asbuild:optimized ended with status 1: " "0.1.8 is for assemblyscript@0.14.13"
}
