"""What the documents print, played against the server under each ASGI server that is promised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialects.serving import SERVERS, serving
from tests.support import transcripts
from tests.support.covers import covers
from tests.support.server import Server

pytestmark = pytest.mark.serial

BELL = ("000-03", "000-04", "000-10", *(f"000-{n}" for n in range(13, 24)))
ROOMS = ("000-33", *(f"002-{n:02}" for n in (*range(5, 25), 26)))
DATING = (*(f"004-{n:02}" for n in (1, 2, 3, 4, 5, 7, 8, *range(11, 21), *range(29, 33), 42)),)
MENTORING = ("001-04", "001-05", "001-14", *(f"001-{n}" for n in range(21, 28)))


@pytest.fixture(scope="module", params=SERVERS)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as server:
        yield server


async def _play(server: Server, dialect: str, name: str, subprotocol: str = "") -> None:
    await transcripts.Player(server, subprotocol).play(transcripts.load(dialect, name))


@pytest.mark.parametrize("name", transcripts.names("bell"))
@covers("000-03", "000-04", "000-10", "000-13", "000-14", "000-15", "000-16")
@covers("000-17", "000-18", "000-19", "000-20", "000-21", "000-22", "000-23")
async def test_source_000(host: Server, name: str) -> None:
    await _play(host, "bell", name, "carillon.bell")


@pytest.mark.parametrize("name", transcripts.names("mentoring"))
@covers("001-04", "001-05", "001-14", "001-21", "001-22", "001-23", "001-24", "001-25", "001-26", "001-27")
async def test_source_001(host: Server, name: str) -> None:
    await _play(host, "mentoring", name)


@pytest.mark.parametrize("name", transcripts.names("rooms"))
@covers("000-33", "002-05", "002-06", "002-07", "002-08", "002-09", "002-10", "002-11", "002-12", "002-13", "002-14")
@covers("002-15", "002-16", "002-17", "002-18", "002-19", "002-20", "002-21", "002-22", "002-23", "002-24", "002-26")
async def test_source_002(host: Server, name: str) -> None:
    await _play(host, "rooms", name, "carillon.rooms")


@pytest.mark.parametrize("name", transcripts.names("dating"))
@covers("004-01", "004-02", "004-03", "004-04", "004-05", "004-07", "004-08", "004-11", "004-12", "004-13", "004-14")
@covers("004-15", "004-16", "004-17", "004-18", "004-19", "004-20", "004-29", "004-30", "004-31", "004-32", "004-42")
async def test_source_004(host: Server, name: str) -> None:
    await _play(host, "dating", name, "carillon.dating")


def test_the_dialogues_show_what_the_marks_say() -> None:
    assert transcripts.covered(["bell"]) == set(BELL)
    assert transcripts.covered(["mentoring"]) == set(MENTORING)
    assert transcripts.covered(["rooms"]) == set(ROOMS)
    assert transcripts.covered(["dating"]) == set(DATING)
