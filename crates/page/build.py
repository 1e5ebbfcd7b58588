#!/usr/bin/env python3
"""Builds the page that verifies bundles of evidence in a browser: one file that needs no server.

    python3 crates/page/build.py [--out target/page/verify.html]

It takes the standard library of Rust for WebAssembly from rustup. Where rustup cannot bring it, it takes the compiler and the
sources of that library from Debian's packages (rustc-web, rust-web-src), unpacks them under target/, and builds the library.
"""

import argparse
import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
TARGET = "wasm32-unknown-unknown"


def output(*command: str, **more) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout.strip()


def target_folder() -> pathlib.Path:
    """Where cargo builds, whoever says so."""
    metadata = output("cargo", "metadata", "--no-deps", "--format-version", "1", cwd=ROOT)
    return pathlib.Path(re.search(r'"target_directory":"([^"]+)"', metadata)[1])


def has_library() -> bool:
    return pathlib.Path(output("rustc", "--print", "target-libdir", "--target", TARGET)).is_dir()


def from_rustup() -> bool:
    if has_library():
        return True
    if not shutil.which("rustup"):
        return False
    try:
        added = subprocess.run(["rustup", "target", "add", TARGET], timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    return added and has_library()


def from_debian(folder: pathlib.Path) -> dict[str, str]:
    """The environment in which cargo builds with Debian's compiler, which it unpacks here and installs nowhere."""
    root, done = folder / "debian", folder / "debian" / "done"
    if not done.exists():
        if not shutil.which("apt-get"):
            sys.exit(f"the standard library for {TARGET} is not there: `rustup target add {TARGET}`")
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        subprocess.run(["apt-get", "update", "--quiet"], stdout=subprocess.DEVNULL)
        packages = ["rustc-web", "rust-web-src"]
        # Of what these depend on, what is of the compiler itself: its library, and LLVM.
        for pattern in (r"libstd-rust-web-dev", r"libstd-rust-web-[0-9.]+", r"libllvm[0-9]+"):
            packages += sorted(set(re.findall(pattern, output("apt-cache", "depends", *packages))) - set(packages))
        print("taking", ", ".join(packages), "from Debian", flush=True)
        subprocess.run(["apt-get", "download", "--quiet", *packages], cwd=root, check=True)
        for package in root.glob("*.deb"):
            subprocess.run(["dpkg", "--extract", package, root], check=True)
            package.unlink()
        done.touch()
    compiler, libraries = root / "usr/bin/rustc", root / "usr/lib/x86_64-linux-gnu"
    # The linker for WebAssembly is in every toolchain.
    host = re.search(r"host: (\S+)", output("rustc", "-vV"))[1]
    linker = pathlib.Path(output("rustc", "--print", "sysroot")) / "lib/rustlib" / host / "bin/rust-lld"
    # A stable compiler builds its own library only with this.
    return {"RUSTC": str(compiler), "LD_LIBRARY_PATH": str(libraries), "RUSTC_BOOTSTRAP": "1",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER": str(linker)}


def compiled(folder: pathlib.Path) -> pathlib.Path:
    # A folder of its own: two compilers do not share what they have built.
    build = ["cargo", "build", "--locked", "--package", "docket-page", "--profile", "page", "--target", TARGET,
             "--target-dir", str(folder / "built")]
    environment = dict(os.environ)
    if not from_rustup():
        environment |= from_debian(folder)
        build.append("-Zbuild-std=std,panic_abort")
    subprocess.run(build, check=True, cwd=ROOT, env=environment)
    return folder / "built" / TARGET / "page" / "docket_page.wasm"


def bound(folder: pathlib.Path, wasm: pathlib.Path) -> tuple[str, bytes]:
    """The module, and what calls it from JavaScript."""
    out = folder / "bound"
    subprocess.run(["cargo", "run", "--locked", "--release", "--quiet", "--target-dir", str(folder / "bind"), "--", wasm, out],
                   check=True, cwd=HERE / "bind")
    return (out / "docket_page.js").read_text(), (out / "docket_page_bg.wasm").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="the page [default: page/verify.html in cargo's target folder]")
    arguments = parser.parse_args()
    folder = target_folder() / "page"
    folder.mkdir(parents=True, exist_ok=True)
    glue, wasm = bound(folder, compiled(folder))
    encoded = lambda data: base64.b64encode(data).decode()
    page = (HERE / "page.html").read_text()
    worker = glue + "\n" + (HERE / "worker.js").read_text()
    page = page.replace("{{worker}}", encoded(worker.encode())).replace("{{wasm}}", encoded(wasm))
    out = arguments.out or folder / "verify.html"
    out.write_text(page)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
