"""The pages for when something does not work: what they name exists and means what they say, in both languages alike."""

from __future__ import annotations

import dataclasses
import re

import pytest
from django.urls import resolve

from carillon import conf
from carillon.errors import CarillonError
from carillon.realtime.dialect import source_close_code, standard_close_code
from carillon.server import pages
from carillon.server.metrics import scrape
from tests.shape.test_docs import _console_commands
from tests.support import tree
from tests.support.covers import covers

PAGES = {language: f"docs/howto/troubleshooting{language}.md" for language in ("", ".fr")}
BODIES = {language: (tree.ROOT / page).read_text(encoding="utf-8") for language, page in PAGES.items()}
# Codes that no slug of ours stands for.
OTHERS = {"1006", "1008"}

every_page = pytest.mark.parametrize("body", BODIES.values(), ids=["en", "fr"])


def _named(body: str) -> list[str]:
    return re.findall(r"`([^`]+)`", body)


@covers("000-46")
def test_the_three_troubles_of_the_document_have_a_chapter_each() -> None:
    for body in BODIES.values():
        chapters = re.split(r"^## ", body, flags=re.MULTILINE)
        assert len(chapters) == 4
        connect, appear, slow = chapters[1:]
        # What the document says to look at: the token, CORS, ASGI; the console, Redis, migrations; memory or Redis.
        for chapter, words in (
            (connect, ("JWT", "CORS_ALLOWED_ORIGINS", "asgi.py")),
            (appear, ("console", "REDIS_URL", "carillon migrate")),
            (slow, ("Redis", "SQLite", "PostgreSQL")),
        ):
            assert not [word for word in words if word not in chapter]


@covers("004-49")
def test_the_four_troubles_of_the_chat_have_their_place_too() -> None:
    for body in BODIES.values():
        connect, appear, slow = re.split(r"^## ", body, flags=re.MULTILINE)[1:]
        # At once: token, address, access. After a while: Redis, expiry. Not everybody. Performance: what to look at.
        for chapter, words in (
            (connect, ("4001", "4002", "token_expired", "SOCKET_PREFIX")),
            (appear, ("/api/v1/conversations/", "REDIS_URL")),
            (slow, ("DB_POOL_MAX", "PostgreSQL")),
        ):
            assert not [word for word in words if word not in chapter]


@covers("000-46")
@every_page
def test_each_code_has_the_slugs_that_it_is_sent_for(body: str) -> None:
    rows = re.findall(r"^\| (\d{4}) \| ([^|]*) \|", body, re.MULTILINE) + re.findall(r"(\d{4}) \((`\w+`)\)", body)
    pairs = {(slug, int(code)) for code, slugs in rows for slug in re.findall(r"`(\w+)`", slugs)}
    assert len(pairs) > 10
    assert pairs == {(slug, standard_close_code(CarillonError(slug))) for slug, _ in pairs}
    told = {str(code) for _, code in pairs} | OTHERS
    assert set(re.findall(r"\b([14]\d{3})\b", body)) <= told
    assert {source_close_code(CarillonError(slug)) for slug, code in pairs if code in (4005, 4006)} == {1008}


@covers("000-46")
@every_page
def test_commands_variables_checks_and_addresses_exist(body: str) -> None:
    named = _named(body)
    commands = {match[1] for name in named if (match := re.fullmatch(r"carillon (\w+)", name))}
    assert commands and commands <= _console_commands()
    environment = (tree.ROOT / "docs/reference/environment.md").read_text(encoding="utf-8")
    known = {field.name for field in dataclasses.fields(conf.Settings)}
    known |= set(re.findall(r"^\| `(\w+)`", environment, re.MULTILINE)) | {"IMMEDIATE"}
    assert {name for name in named if re.fullmatch(r"[A-Z_]{4,}", name)} <= known
    sources = "".join(tree.text(path) or "" for path in tree.sources("src"))
    assert not [name for name in named if re.fullmatch(r"carillon\.[WIE]\d{3}", name) and f'"{name}"' not in sources]
    # The two views of a path that is nobody's.
    nowhere = (pages.application, pages.unknown_api)
    assert not [name for name in named if name.startswith("/") and resolve(name).func in nowhere]


@pytest.mark.django_db
@every_page
def test_metrics_exist(body: str) -> None:
    metrics = {name for name in _named(body) if name.startswith("carillon_") and name.endswith("_total")}
    assert metrics
    page = scrape().decode()
    assert not [name for name in metrics if name not in page]


def test_both_pages_name_the_same_things() -> None:
    english, french = (sorted(_named(body)) for body in BODIES.values())
    assert english == french
