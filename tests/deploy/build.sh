#!/usr/bin/env bash
# Builds the readers of manifests out of Go modules: build.sh FOLDER puts crds, istio, mosn, kong, kube-apiserver and
# kubectl there, and the definitions that a cluster would have into FOLDER/sets. The ordinary client of Go fetches
# the modules, and needs about 5 GB for them and its cache. What is there is not built again. Debian's etcd and its
# kubectl are unpacked into FOLDER/debian; nothing is installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=$(mkdir -p "$1" && cd "$1" && pwd)
istio=(1.20=v1.20.0 1.24=v1.24.2 1.25=v1.25.0 1.27=v1.27.0 1.29=v1.29.0 1.30=v1.30.8 1.32=v1.32.0)
gateway=(1.3=v1.3.3 1.5=v1.5.9 1.7=v1.7.0 1.8=v1.8.0 1.9=v1.9.1)
gloo=v1.22.1

# module NAME@VERSION: the folder of the module's files.
module() {
    (cd "$here/validators" && go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
}

# set_of NAME FILE...: the files without the lines that are Helm's.
set_of() {
    local folder=$to/sets.new/$1 file
    shift
    mkdir -p "$folder"
    for file; do
        sed '/^{{/d' "$file" >"$folder/${file##*/}"
    done
}

make_sets() {
    local pair folder
    rm -rf "$to/sets.new"
    for pair in "${istio[@]}"; do
        folder=$(module "istio.io/api@${pair#*=}")
        set_of "istio-${pair%=*}" "$folder/kubernetes/customresourcedefinitions.gen.yaml"
    done
    for pair in "${gateway[@]}"; do
        folder=$(module "github.com/envoyproxy/gateway@${pair#*=}")
        set_of "envoy-gateway-${pair%=*}" \
            "$(find "$folder/charts" -name gateway.envoyproxy.io_envoyextensionpolicies.yaml | sort | head -n 1)"
    done
    folder=$(module "github.com/solo-io/gloo@$gloo")
    set_of gloo "$folder/install/helm/gloo/crds/gateway.solo.io_v1_Gateway.yaml"
    set_of higress "$here/higress.yaml"
    rm -rf "$to/sets"
    mv "$to/sets.new" "$to/sets"
}

# programs FOLDER PACKAGE...
programs() {
    (cd "$here/$1" && go build -o "$to/" "${@:2}")
}

unpack_debian() {
    local work package
    work=$(mktemp -d)
    if ! (cd "$work" && apt-get -q -o APT::Sandbox::User=root download etcd-server kubernetes-client) >"$work/log" 2>&1; then
        cat "$work/log" >&2
        rm -rf "$work"
        return 1
    fi
    for package in "$work"/*.deb; do
        dpkg-deb --extract "$package" "$to/debian.new"
    done
    rm -rf "$work"
    mv "$to/debian.new" "$to/debian"
}

newest=$(find "$here/build.sh" "$here/higress.yaml" -newer "$to/sets" 2>/dev/null || echo none)
[[ -d $to/sets && -z $newest ]] || make_sets
[[ -d $to/debian ]] || unpack_debian
programs validators ./crds ./istio
programs mosn .
programs kong .
programs kubernetes k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl
