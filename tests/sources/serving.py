"""A real Envoy with one filter in the path of its requests, and the server behind it."""

import http.client
import http.server
import json
import os
import re
import subprocess
import threading
import time

API = "type.googleapis.com/envoy.extensions."
STRING = "type.googleapis.com/google.protobuf.StringValue"
CLUSTERS = ("upstream", "httpbin", "web_service", "wasme")  # what the filters call
SECONDS = 15
TRY_EVERY = 0.3


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the request itself."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        text = f"{self.command} {self.path}\n{self.headers}".encode() + body + self.read_chunks()
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def read_chunks(self):
        """The body of a request whose length was not known."""
        body = b""
        if self.headers.get("transfer-encoding") != "chunked":
            return body
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_PUT = do_POST = answer

    def log_message(self, *_):
        pass


def text_value(text):
    return {"@type": STRING, "value": text}


def cluster(name, port):
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    return {
        "name": name,
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }


def plugin(source, module):
    vm_config = {
        "runtime": "envoy.wasm.runtime.v8",
        "code": {"local": {"filename": module}},
    }
    config = {"name": "filter", "failure_policy": "FAIL_CLOSED", "vm_config": vm_config}
    if source.root_id:
        config["root_id"] = source.root_id
    if source.vm_config:
        vm_config["configuration"] = text_value(source.vm_config)
    if source.config:
        config["configuration"] = text_value(source.config)
    return config


def typed(name, kind, **more):
    return {"name": name, "typed_config": {"@type": API + kind, **more}}


def http_manager(filters, action):
    return typed(
        "http",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="main",
        route_config={
            "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, **action}]}
            ]
        },
        http_filters=[*filters, typed("router", "filters.http.router.v3.Router")],
    )


def chain(source, config):
    if source.kind == "network":
        proxy = typed(
            "tcp", "filters.network.tcp_proxy.v3.TcpProxy", stat_prefix="main", cluster="upstream"
        )
        return [typed("wasm", "filters.network.wasm.v3.Wasm", config=config), proxy]
    if source.kind == "service":
        return [http_manager([], {"direct_response": {"status": 200}})]
    wasm = typed("wasm", "filters.http.wasm.v3.Wasm", config=config)
    return [http_manager([wasm], {"route": {"cluster": "upstream"}})]


def configuration(source, module, port):
    anywhere = {"socket_address": {"address": "127.0.0.1", "port_value": 0}}
    config = plugin(source, module)
    service = typed("service", "wasm.v3.WasmService", singleton=True, config=config)
    return {
        "admin": {"address": anywhere},
        "bootstrap_extensions": [service] if source.kind == "service" else [],
        "static_resources": {
            "clusters": [cluster(name, port) for name in CLUSTERS],
            "listeners": [
                {
                    "name": "main",
                    "address": anywhere,
                    "filter_chains": [{"filters": chain(source, config)}],
                }
            ],
        },
    }


def get(address, path):
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request("GET", path)
    return connection.getresponse().read().decode(errors="replace")


class Envoy:
    """A process of Envoy, from its start until it is ready; the log is a file."""

    def __init__(self, config, folder):
        self.log_path = os.path.join(folder, "log")
        self.admin_path = os.path.join(folder, "admin")
        config_path = os.path.join(folder, "envoy.json")
        with open(config_path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["envoy", "-c", config_path, "--admin-address-path", self.admin_path]
                + ["--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]
                + ["--component-log-level", "wasm:trace"],
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wait(self):
        """Whether Envoy is ready to serve."""
        end = time.monotonic() + SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            try:
                if get(self.admin(), "/ready").strip() == "LIVE":
                    return True
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)
        return False

    def admin(self):
        with open(self.admin_path, encoding="utf-8") as file:
            return file.read().strip()

    def address(self):
        listeners = json.loads(get(self.admin(), "/listeners?format=json"))
        place = listeners["listener_statuses"][0]["local_address"]["socket_address"]
        return f"{place['address']}:{place['port_value']}"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()


def request(source, address):
    """The status line and the fields of an answer, and its body."""
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request(source.method, source.path, source.body or None, source.headers)
    response = connection.getresponse()
    fields = "".join(f"\n{name}: {value}" for name, value in response.getheaders())
    return f"{response.status}{fields}", response.read().decode(errors="replace")


def look(patterns, text, found, missing):
    """Puts what matches into `found`, and patterns without a match into `missing`."""
    for pattern in patterns:
        match = re.search(pattern, text, re.MULTILINE)
        if match:
            found.append(match.group())
        else:
            missing.append(pattern)


def try_once(source, envoy):
    """The status and the signs in one answer, and the signs that are not there yet."""
    try:
        head, body = request(source, envoy.address())
        counters = get(envoy.admin(), "/stats")
    except (OSError, http.client.HTTPException) as error:
        return str(error), ["an answer"]
    found, missing = [head.partition("\n")[0]], []
    for patterns, text in (
        (source.answer, head),
        (source.says, body),
        (source.logs, envoy.log()),
        (source.counts, counters),
    ):
        look(patterns, text, found, missing)
    return "; ".join(dict.fromkeys(found)), missing


def ask(source, module, folder):
    """The answer, and the signs that the answers of SECONDS do not have."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = configuration(source, module, server.server_address[1])
    try:
        with Envoy(config, folder) as envoy:
            if not envoy.wait():
                return envoy.log().strip().splitlines()[-1:], ["a start"]
            end = time.monotonic() + SECONDS
            answer, missing = try_once(source, envoy)
            while missing and time.monotonic() < end:
                time.sleep(TRY_EVERY)
                answer, missing = try_once(source, envoy)
            return answer, missing
    finally:
        server.shutdown()
        server.server_close()
