#!/usr/bin/env bash
# Builds the programs that give images to the gateways' own code: build.sh FOLDER puts istio and
# envoy-gateway there. The ordinary client of Go fetches the modules, and needs about 3 GB for them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=$(mkdir -p "$1" && cd "$1" && pwd)
gateway=github.com/envoyproxy/gateway@v1.9.1

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

(cd "$here/istio" && go build -o "$to/istio" .)

# The package of Envoy Gateway is internal: our main.go has to stand in a copy of its module.
cp -R "$(cd "$work" && go mod download -json "$gateway" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" "$work/gateway"
chmod -R u+w "$work/gateway"
mkdir "$work/gateway/internal/wasm/try"
cp "$here/envoy-gateway/main.go" "$work/gateway/internal/wasm/try/"
(cd "$work/gateway" && go build -o "$to/envoy-gateway" ./internal/wasm/try)
