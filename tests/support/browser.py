"""Browser scenarios: scripts of tests/e2e run by Node in the machine's Chromium, told what they need by environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.support import processes
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "e2e"


def chromium() -> str:
    """Return the path of the browser; AssertionError with the line to run when there is none (it is never skipped)."""
    named = os.environ.get("CARILLON_TEST_CHROMIUM", "")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "no browser: run tools/ensure_services.sh as root, or set CARILLON_TEST_CHROMIUM"
    return found


def run_scenario(name: str, url: str, *, seconds: float = 120, pictures: Path | None = None, **inputs: Any) -> Any:
    """Run tests/e2e/<name>.mjs against the server at `url` and return what it reported.

    `inputs` reach the script as one JSON object. A scenario that throws fails the test with all that it printed.
    """
    environment = processes.clean_environment(
        SCENARIO_URL=url,
        SCENARIO_INPUT=json.dumps(inputs),
        SCENARIO_BROWSER=chromium(),
        SCENARIO_PICTURES=str(pictures) if pictures else "",
    )
    done = subprocess.run(
        ["node", SCENARIOS / f"{name}.mjs"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"scenario {name} failed:\n{done.stdout}\n{done.stderr}"
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    return json.loads(lines[-1].removeprefix("RESULT ")) if lines else None


def run_beside_restarts(name: str, server: Server, restart: Path, *, seconds: float = 200, **inputs: Any) -> Any:
    """Run a scenario in another thread; when it asks for that by the file `restart`, kill the server and start it again."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(run_scenario(name, server.url, seconds=seconds, restart=str(restart), **inputs))
        except BaseException as error:
            found.append(error)

    scenario = threading.Thread(target=run)
    scenario.start()
    processes.wait_for(lambda: restart.exists() or bool(found), "the scenario to ask for a restart", seconds)
    if not found:
        server.kill()
        server.restart()
        restart.unlink()
    scenario.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]
