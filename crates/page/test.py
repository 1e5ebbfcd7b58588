#!/usr/bin/env python3
"""The page in a real browser, against the command line: both say the same of the same bundle.

    python3 crates/page/test.py PAGE DOCKET

PAGE is what build.py made, DOCKET the binary. It needs chromium and chromedriver (Debian: chromium, chromium-driver), and speaks
WebDriver (W3C) to the driver. Bundles are the seeds of the fuzzing targets, whole and damaged.
"""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = ROOT / "fuzz" / "seeds"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE = 60


class Browser:
    """A session of WebDriver."""

    def __init__(self, driver: str, profile: str) -> None:
        quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"]
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": quiet}}}}
        self.driver = driver
        self.base = f"{driver}/session/" + self.ask("POST", "/session", wanted)["sessionId"]

    def ask(self, method: str, path: str, body: object = None) -> object:
        base = getattr(self, "base", self.driver)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.read().decode()}")

    def run(self, script: str, *arguments: object) -> object:
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, selector: str, text: str) -> None:
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        self.ask("POST", f"/element/{self.find(selector)}/click", {})

    def eventually(self, script: str) -> object:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if seen := self.run(script):
                return seen
            time.sleep(0.05)
        sys.exit(f"waited in vain for `{script}`; the page shows: {self.run('return document.body.innerText')}")


@contextlib.contextmanager
def browser() -> object:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory() as profile:
            until = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if time.monotonic() > until or driver.poll() is not None:
                    sys.exit("chromedriver does not answer")
                time.sleep(0.05)
            session = Browser(f"http://127.0.0.1:{port}", profile)
            yield session
            session.ask("DELETE", "")
    finally:
        driver.terminate()
        driver.wait()


def by_page(session: Browser, page: pathlib.Path, bundle: pathlib.Path, kept: list[pathlib.Path]) -> str:
    session.ask("POST", "/url", {"url": page.resolve().as_uri()})
    session.type("#bundle", str(bundle))
    session.type("#policy", str(SEEDS / "bundle.policy"))
    for file in kept:
        session.type("#kept", str(file))
    session.click("button")
    return session.eventually("return document.getElementById('verdict').textContent && document.body.innerText")


def by_command(docket: str, bundle: pathlib.Path, kept: list[pathlib.Path]) -> dict:
    command = [docket, "evidence", "verify", str(bundle), "--policy", str(SEEDS / "bundle.policy"), "--json"]
    for file in kept:
        command += ["--checkpoint", str(file)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page, docket = pathlib.Path(sys.argv[1]), sys.argv[2]
    whole = (SEEDS / "bundle" / "all").read_bytes()
    kept = SEEDS / "note" / "checkpoint"
    with tempfile.TemporaryDirectory() as folder, browser() as session:
        bundles = {"all": whole, "case": (SEEDS / "bundle" / "case").read_bytes(), "cut": whole[:4_000], "none": b""}
        for at in range(100, len(whole), len(whole) // 12):
            bundles[f"byte {at}"] = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
        for name, data in bundles.items():
            path = pathlib.Path(folder, "bundle")
            path.write_bytes(data)
            for checkpoints in ([], [kept]):
                expected, shown = by_command(docket, path, checkpoints), by_page(session, page, path, checkpoints)
                verdict = "\nVERIFIED: all holds" if expected["ok"] else f"\nNOT VERIFIED: {expected['code']},"
                said = [finding["message"] for finding in expected["findings"]] + [expected.get("root", "")]
                for words in [verdict, *said]:
                    if words not in shown:
                        sys.exit(f"{name}: the page does not say `{words}`, but: {shown}")
        # Another bundle in the same page: nothing is left of the one before.
        other = pathlib.Path(folder, "other")
        other.write_bytes(whole)
        session.type("#bundle", str(other))
        if session.run("return document.getElementById('verdict').textContent"):
            sys.exit("a verdict stands beside files that it is not of")
        session.click("button")
        session.eventually("return document.body.innerText.includes('\\nVERIFIED: all holds')")
        wrong = by_page(session, page, pathlib.Path(folder, "bundle"), [SEEDS / "bundle.policy"])
        if "Not verified: your checkpoint: " not in wrong:
            sys.exit(f"a policy in place of a checkpoint: {wrong}")
    print(f"the page says of {len(bundles)} bundles what {docket} says")


if __name__ == "__main__":
    main()
