"""The sources that run.py builds, and what a real Envoy must answer with each filter in its path.

Nothing of them is kept here but our own: the examples of the SDKs come from packages.
"""

from dataclasses import dataclass, field

# Later packages have no examples; a TinyGo of today does not compile that version's own package.
SDK = "github.com/tetratelabs/proxy-wasm-go-sdk"
TINYGO_SDK = f"go:{SDK}@v0.16.0 with {SDK}@v0.24.0"
RUST_SDK = "crate:proxy-wasm@0.2.0"


@dataclass
class Source:
    name: str
    origin: str  # "own", or one of init:LANGUAGE npm:FOLDER go:MODULE@VERSION crate:NAME@VERSION
    folder: str
    language: str
    flags: tuple = ()
    config: str = ""  # of the plugin
    vm_config: str = ""
    root_id: str = ""
    # "http": among the filters of an HTTP connection; "network": before a TCP proxy; "service": an
    # extension of Envoy's own start, without requests.
    kind: str = "http"
    method: str = "GET"
    path: str = "/"
    headers: dict = field(default_factory=dict)
    body: str = ""
    # Regular expressions that must all be found, each in one answer or in one log: of the status
    # line and the fields, of the body, of Envoy's log, of its counters.
    answer: tuple = ("^200",)
    says: tuple = ()
    logs: tuple = ()
    counts: tuple = ()


def own(folder, language, **more):
    more.setdefault("answer", ("^200", "x-wasme: hello"))
    return Source(f"own {folder} by {language}", "own", folder, language, **more)


def npm(name, **more):
    """Our own source that packages of npm compile."""
    more.setdefault("answer", ("^200", "x-wasme: hello"))
    return Source("npm " + name, "npm:tests/filters/" + name, "", "assemblyscript", **more)


def starter(language):
    return Source(
        f"starter {language}",
        f"init:{language}",
        "filter",
        language,
        config="good day",
        root_id="filter",
        answer=("^200", "x-wasme: good day"),
    )


def tinygo(name, **more):
    return Source("tinygo " + name, TINYGO_SDK, "examples/" + name, "tinygo", **more)


def rust(name, **more):
    return Source("rust " + name, RUST_SDK, "", "cargo", flags=("--example", name), **more)


SOURCES = [
    own("examples/add-header", "cargo"),
    own("examples/add-header-go", "go"),
    own("examples/add-header-go", "tinygo"),
    own("examples/add-header-tinygo", "tinygo"),
    own("tests/filters/tick-post", "tinygo"),
    own("tests/filters/header-c", "c"),
    own("tests/filters/header-cpp", "cpp"),
    npm("header-assemblyscript"),
    npm("header-proxy-runtime", config="some", root_id="root_id"),
    starter("tinygo"),
    starter("go"),
    starter("rust"),
    starter("assemblyscript"),
    starter("c"),
    tinygo(
        "dispatch_call_on_tick",
        kind="service",
        logs=("called 3 for contextID", "response header for the dispatched call: :status: 200"),
    ),
    tinygo(
        "foreign_call_on_tick",
        kind="service",
        logs=(r"foreign function \(compress\) called: 3, result: [0-9a-f]",),
    ),
    tinygo(
        "helloworld",
        kind="service",
        logs=("OnPluginStart from Go!", "random value", "OnTick called"),
    ),
    tinygo(
        "http_auth_random",
        answer=("^(200|403)",),
        logs=("http call dispatched to httpbin", "access (granted|forbidden)"),
    ),
    tinygo(
        "http_body",
        method="PUT",
        headers={"buffer-operation": "prepend"},
        body="[original body]",
        says=(r"\[this is prepended body\]\[original body\]",),
        logs=(r"original request body: \[original body\]",),
    ),
    tinygo(
        "http_headers",
        headers={"test": "rest", "this-is-key": "this-is-value"},
        says=("(?i)test: best",),
        logs=("request header --> this-is-key: this-is-value", "response header <-- server: "),
    ),
    tinygo("http_routing", says=("(?i)host: .*-canary",), logs=(r"value: \d+",)),
    tinygo("metrics", counts=(r"proxy_wasm_go.request_counter: [1-9]",), logs=("incremented",)),
    tinygo(
        "network",
        kind="network",
        headers={"this-is-key": "this-is-value"},
        logs=("new connection!", "This-Is-Key|this-is-key", "remote address: 127.0.0.1:"),
    ),
    tinygo("postpone_requests", logs=("postpone request with", "resume request with")),
    tinygo("shared_data", logs=(r"shared value: 1000000\d",)),
    tinygo(
        "vm_plugin_configuration",
        kind="service",
        config="of the plugin",
        vm_config="of the VM",
        logs=("vm config: of the VM", "plugin config: of the plugin"),
    ),
    tinygo(
        "shared_queue/receiver",
        kind="service",
        config="http_request_headers",
        logs=('queue "http_request_headers" registered as queueID=1',),
    ),
    tinygo(
        "shared_queue/sender",
        config="http",
        logs=("contextID=.* is configured for http", "error resolving queue id"),
    ),
    rust(
        "hello_world",
        kind="service",
        logs=("Hello, World!", "your lucky number is"),
    ),
    rust("http_auth_random", answer=("^(200|403)", "powered-by: proxy-wasm")),
    rust(
        "http_body",
        body="a secret",
        method="POST",
        says=(r"Original message body \(\d+ bytes\) redacted",),
    ),
    rust("http_config", config="of the plugin", answer=("custom-header: of the plugin",)),
    rust("http_headers", path="/hello", says=("Hello, World!",), answer=("^200", "hello: World")),
]
