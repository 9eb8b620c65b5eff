"""Builds and installs what the measuring needs beside Python: the load generator, the limit, `ws` for Node."""

from __future__ import annotations

import shutil
import subprocess
import sys

from bench.runs import BUILD, ROOT


def build() -> None:
    """Compile the C programs where there is a compiler, and say so where there is none."""
    if shutil.which("cc") and shutil.which("make"):
        subprocess.run(["make", "--silent", "bench/build/load", "bench/build/limit"], cwd=ROOT, check=True)
    elif not (BUILD / "load").exists():
        sys.stderr.write(
            "There is no C compiler: the load generator is the Python one. It is slower than the fast servers, so only figures\n"
            "per CPU-second mean something, and parts that need the other one are left out.\n"
        )
