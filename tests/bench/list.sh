#!/usr/bin/env bash
# `wasme list` of 10,000 images (IMAGES=n).
# shellcheck source=tests/bench/common.sh
source "$(dirname "$0")/common.sh"
need python3 time

runs=${RUNS:-21} images=${IMAGES:-10000}
python3 - "$HOME/.wasme/store" "$images" <<'END'
import hashlib, os, sys
store, count = sys.argv[1], int(sys.argv[2])
descriptor = ('{"mediaType":"application/vnd.module.wasm.content.layer.v1+wasm","digest":"sha256:%s",'
              '"size":8,"annotations":{"org.opencontainers.image.title":"filter.wasm"}}'
              % hashlib.sha256(b"\0asm\1\0\0\0").hexdigest())
os.makedirs(store)
for i in range(count):
    ref = "harbor.example/many/filter-%d:v%d" % (i // 10, i % 10)
    folder = os.path.join(store, hashlib.md5(ref.encode()).hexdigest())
    os.mkdir(folder)
    for name, text in (("image_ref", ref), ("descriptor.json", descriptor),
                       ("runtime-config.json", '{"type":"envoy_proxy"}'),
                       ("filter.wasm", "\0asm\1\0\0\0")):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
END
"$WASME" list >/dev/null
for ((i = 0; i < runs; i++)); do
    timed "wasme-list-$images" "$WASME" list
    timed "wasme-list-json" "$WASME" list --json
done
echo "list of $images images, medians of $runs:"
show "wasme-list-$images"
show wasme-list-json
echo "  wasme-list-$images       memory $(rss "$WASME" list) kB"
