"""`wasme serve` for the scripts of tests/deploy and tests/hosts/gateways."""
import signal
import subprocess
import sys
import time


class Served:
    """A `wasme serve` on a free `port` of this machine; `log` names the file with what it prints."""

    def __init__(self, wasme, env, log, *words):
        self.log = log
        with open(log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen([wasme, "serve", "--bind", "127.0.0.1", "-p", "0", "-q", *words],
                                            stdout=out, stderr=subprocess.STDOUT, env=env)
        self.port = self.wait()

    def wait(self):
        for _ in range(200):
            with open(self.log, encoding="utf-8") as lines:
                text = lines.read()
            if "CTRL-C" in text:
                return int(text.split("http://127.0.0.1:")[1].split()[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        sys.exit("wasme serve did not start:\n" + text)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(20) != 0:
            sys.exit("wasme serve ended with status %d" % self.process.returncode)
