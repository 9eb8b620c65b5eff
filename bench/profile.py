"""Where the server's time goes, scenario by scenario: Python stacks from within, and native symbols where `perf` is installed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

from bench import machine, peers, runs
from bench.page import RESULTS
from bench.parts import resume
from bench.parts.fan import Case, flood
from bench.parts.rows import progress
from bench.runs import Crowd, Server
from bench.tables import table
from tests.support import postgres

SECONDS, TOP = 3.0, 25
COST = ("function", "self, µs a message", "within, µs", "calls a message")
Work = Callable[[Server, Crowd], object]


def _flood(case: Case) -> Work:
    return lambda server, crowd: flood(crowd, case, SECONDS)


def _open(server: Server, crowd: Crowd) -> object:
    with server.crowd(1000, first=peers.follow("bench:1", "bench:2"), answers=2) as more:
        return more.opened


def _resume(server: Server, crowd: Crowd) -> object:
    with server.crowd(500, **resume.HELLO) as back:
        position = resume.missed(back)
        return back.say(frame=peers.follow("bench:0", position=position), expect=resume.MISSED)


OWN: dict[str, object] = {"first": None, "answer": '"type":"hello"', "people": 500, "topics": 500}
SCENARIOS: tuple[tuple[str, str, int, dict[str, object], Work], ...] = (
    ("broadcast to 1,000, one in flight", "ours", 1000, {}, _flood(Case("b", 1))),
    ("broadcast to 1,000, four in flight", "ours", 1000, {}, _flood(Case("b", 4))),
    ("publish to 1,000, four in flight", "ours", 1000, {}, _flood(Case("p", 4))),
    ("publish to 100, four in flight", "ours", 100, {}, _flood(Case("p", 4))),
    ("ten at once to 1,000", "ours", 1000, {}, _flood(Case("b", 1, 10))),
    ("one event to one of 500 people with two sockets", "ours", 1000, OWN, _flood(Case("u", 64))),
    ("opening 1,000 sockets", "ours", 1, {}, _open),
    ("500 clients come back to 100 events each", "ours", 1, {}, _resume),
    ("publish to 1,000 on PostgreSQL + Redis, four in flight", "ours-postgres", 1000, {}, _flood(Case("p", 4))),
    ("stock consumer on our layer and sockets, 1,000", "stock-ours", 1000, {}, _flood(Case("b", 1))),
)


def run(date: str) -> int:
    """Profile every scenario and write bench/results/<date>-profile.md."""
    rig = peers.Rig(people=1000)
    lines = [f"# Where the time goes, {date}", *table("Machine", ("", ""), machine.facts())]
    lines += [
        "",
        "The event loop's stack at each millisecond of processor time; `self` is what ran, `within` what was on the stack.",
    ]
    try:
        for title, name, sockets, options, work in SCENARIOS:
            if peers.PEERS[name].missing:
                continue
            progress(f"profile: {title}")
            samples = rig.new_folder() / "samples"
            with (
                peers.running(name, rig, BENCH_PROFILE=str(samples)) as server,
                server.crowd(sockets, **options) as crowd,
            ):
                lines += ["", f"## {title[0].upper()}{title[1:]}", *scenario(server, crowd, work, samples)]
    finally:
        rig.close()
    lines += messages()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{date}-profile.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


def scenario(server: Server, crowd: Crowd, work: Work, samples: Path) -> list[str]:
    """Do the work under both profilers; returns their tables."""
    process = psutil.Process(server.measured.pid)
    _stacks(process, samples)
    before = {thread.id: thread.user_time + thread.system_time for thread in process.threads()}
    stacks_of_kernel = _perf(server.measured.pid, samples.with_suffix(".perf"))
    try:
        work(server, crowd)
    finally:
        native = stacks_of_kernel()
    spent = [
        (thread.id == process.pid, thread.user_time + thread.system_time - before.get(thread.id, 0.0))
        for thread in process.threads()
    ]
    loop, all_of_it = sum(part for is_loop, part in spent if is_loop), sum(part for _, part in spent)
    said = f"The event loop's thread used {loop:.2f} s, all threads {all_of_it:.2f} s."
    return ["", said, *_table_of(_stacks(process, samples)), *native]


def messages() -> list[str]:
    """Tables of what a message costs the thread that writes, on both databases."""
    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_sends")}
    lines = [
        "",
        "## Sending",
        "",
        "By a profiler that follows each call, which makes what calls much look dearer than it is.",
    ]
    for database, url in databases.items():
        for name, total, rows in runs.figures_of("bench.sends", url, BRAKE_PER_MINUTE="0"):
            lines += table(f"{database}: {name}, {total:.0f} µs a message", COST, rows, level=3)
    return lines


def _stacks(process: psutil.Process, samples: Path) -> Counter[str]:
    """Have the server write its samples, and begin anew."""
    samples.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR2)
    deadline = time.monotonic() + 10
    while not (samples.exists() and samples.read_text().endswith("end\n")):
        assert time.monotonic() < deadline, "the server did not write its samples"
        time.sleep(0.05)
    lines = (line.partition(" ") for line in samples.read_text().splitlines()[:-1])
    return Counter({stack: int(count) for count, _, stack in lines})


def _table_of(stacks: Counter[str]) -> list[str]:
    total = max(sum(stacks.values()), 1)
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack, count in stacks.items():
        frames = stack.split(";")
        alone[frames[-1]] += count
        for frame in set(frames):
            within[frame] += count
    names = sorted(within, key=lambda name: -(alone[name] + within[name] / 1000))[:TOP]
    found = [(f"`{name}`", f"{alone[name] / total:.1%}", f"{within[name] / total:.1%}") for name in names]
    return table(f"Python, {total} samples", ("function", "self", "within"), found, level=3)


def _perf(pid: int, target: Path) -> Callable[[], list[str]]:
    """Begin to record with perf; what is returned ends that and reads it."""
    program = shutil.which("perf")
    if not program:
        return lambda: ["", "`perf` is not installed here: native symbols are left out."]
    command = [program, "record", "--quiet", "--freq", "997", "--pid", str(pid), "--output", str(target)]
    recorder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end() -> list[str]:
        recorder.send_signal(signal.SIGINT)
        recorder.wait(timeout=20)
        read = [program, "report", "--input", str(target), "--stdio", "--sort", "dso,symbol", "--percent-limit", "1"]
        told = subprocess.run(read, capture_output=True, text=True, check=False).stdout
        rows = [line.split(None, 3) for line in told.splitlines() if line.strip() and not line.startswith("#")]
        cells = [
            (row[1], f"`{row[3].rstrip(' -')}`" if len(row) > 3 else "", row[0]) for row in rows if row[0].endswith("%")
        ]
        return table("Native", ("object", "symbol", "share"), cells[:TOP], level=3)

    return end
