"""The bench runs: real servers and its load generators count every event once for each socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import peers, programs, runs
from bench.parts import resume
from bench.parts.fan import Case, flood

pytestmark = pytest.mark.serial

SOCKETS = 20


@pytest.fixture(scope="module")
def rig() -> Iterator[peers.Rig]:
    """Servers with so many people."""
    programs.build()
    made = peers.Rig(people=SOCKETS)
    yield made
    made.close()


def _is_exact(found: dict[str, float]) -> bool:
    return found["deliveries"] > 0 and found["deliveries"] % SOCKETS == found["lost"] == found["doubled"] == 0


def test_ours_delivers_every_event_to_every_socket(rig: peers.Rig) -> None:
    with peers.running("ours", rig) as server:
        with server.crowd(SOCKETS) as crowd:
            assert crowd.opened["sockets"] == SOCKETS
            assert _is_exact(flood(crowd, Case("b", 1), 0.2, 0.1))
            assert _is_exact(flood(crowd, Case("p", 1, 3), 0.2, 0.1))
            timed = crowd.time(verb="p", samples=5)
            assert len(timed["delays"]) == len(timed["bare"]) == 5 and not timed["lost"]
        if runs.is_native():
            with server.crowd(SOCKETS, **resume.HELLO) as crowd:
                position = resume.missed(crowd)
                back = crowd.say(frame=peers.follow("bench:0", position=position), expect=resume.MISSED)
                assert (back["deliveries"], back["doubled"]) == (SOCKETS * resume.MISSED, 0)


@pytest.mark.parametrize("generator", ["", "python"])
def test_a_peer_is_measured_with_either_load_generator(
    rig: peers.Rig, generator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_GENERATOR", generator)
    # The limit where it could be compiled, else what is always there.
    name = "stock" if peers.PEERS["limit"].missing else "limit"
    with peers.running(name, rig) as server, server.crowd(SOCKETS) as crowd:
        assert _is_exact(flood(crowd, Case("b", 1), 0.2, 0.1))
