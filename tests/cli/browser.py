"""A Chromium without a window, driven over its debugging pipe (Chrome DevTools Protocol).

    with Browser() as browser:
        page = browser.open("http://127.0.0.1:8080/", width=390, dark=True)
        page.run("document.title")
        page.key("/")
        page.shot("page.png")
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

TIMEOUT = 60
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="wasme-browser.")
        to_read, self.to = os.pipe()
        self.answers, to_write = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        words = ["sh", "-c", 'exec "$@" 3<&%d 4>&%d' % (to_read, to_write), "sh", "chromium",
                 "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--no-first-run", "--disable-dev-shm-usage", "--user-data-dir=" + self.folder,
                 "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(words, pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, HOME=self.folder))
        os.close(to_read)
        os.close(to_write)
        self.number, self.rest, self.events = 0, b"", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.answers], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.answers, 1 << 20)
            if not more:
                raise EOFError("the browser has ended")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + TIMEOUT
        while True:
            answer = self.receive(until)
            if answer.get("id") != self.number:
                self.events.append(answer)
                continue
            if "error" in answer:
                raise RuntimeError("%s: %s" % (method, answer["error"]))
            return answer["result"]

    def open(self, url, **looks):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, url, **looks)


class Page:
    def __init__(self, browser, session, url, width=1200, height=800, dark=False, scripts=True):
        self.browser, self.session, self.width = browser, session, width
        self.call("Page.enable")
        self.call("Log.enable")
        self.call("Runtime.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        self.go(url)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def go(self, url):
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, code):
        result = self.call("Runtime.evaluate", expression=code, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError("%s: %s" % (code, result["exceptionDetails"]))
        return result["result"].get("value")

    def wait(self, code):
        until = time.monotonic() + TIMEOUT
        while not self.run(code):
            if time.monotonic() > until:
                raise TimeoutError("waited in vain for " + code)
            time.sleep(0.02)

    def key(self, name):
        text = {"Enter": "\r"}.get(name, name if len(name) == 1 else "")
        event = {"key": name, "windowsVirtualKeyCode": KEYS.get(name, 0)}
        if text:
            event["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def type(self, text):
        for letter in text:
            self.key(letter)

    def complaints(self):
        """What the console says: errors of scripts, and what the policy of the page refused."""
        return [event["params"] for event in self.browser.events
                if event.get("sessionId") == self.session
                and event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]

    def shot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": self.width,
                               "height": min(size["height"], 8000), "scale": 1})["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))
