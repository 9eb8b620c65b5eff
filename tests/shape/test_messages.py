"""What is said in French: catalogues are compiled, whole, hold nothing of the past, and leave Django's own words alone."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import django
import pytest

from tools import compile_messages
from tools.compile_messages import catalogues, compiled, missing, read, used

CATALOGUES = catalogues()
FIELD = re.compile(r"%\(\w+\)s|%s|%%|\{\w*\}")


def test_there_is_one() -> None:
    assert CATALOGUES


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_it_is_compiled(catalogue: Path) -> None:
    is_fresh = catalogue.with_suffix(".mo").read_bytes() == compiled(read(catalogue))
    assert is_fresh, "run python tools/compile_messages.py"


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_it_translates_all_that_is_said_and_nothing_else(catalogue: Path) -> None:
    assert missing(catalogue) == []
    assert read(catalogue).keys() - used(catalogue.parents[3]) == {("",)}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_what_is_filled_in_is_the_same_in_both_languages(catalogue: Path) -> None:
    for message, said in read(catalogue).items():
        for original, translation in zip(message, said, strict=True):
            assert sorted(FIELD.findall(original)) == sorted(FIELD.findall(translation)), original


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_it_changes_no_word_of_djangos_own_pages(catalogue: Path) -> None:
    language = catalogue.parents[1].name
    for path in Path(django.__file__).parent.glob(f"**/locale/{language}/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            theirs = gettext.GNUTranslations(file)
        for (text, *_), (said, *_) in read(catalogue).items():
            assert not text or theirs.gettext(text) in (text, said), f"{path.parents[3].name} says it in other words"


def test_what_it_compiles_is_what_gettext_reads(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
        '\n# A comment.\nmsgid "one line"\nmsgstr "une "\n"ligne\\n"\n'
        '\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s jour"\nmsgstr[1] "%(n)s jours"\n'
        '\nmsgid "not yet"\nmsgstr ""\n'
    )
    target = tmp_path / "django.mo"
    target.write_bytes(compiled(read(source)))
    with target.open("rb") as file:
        french = gettext.GNUTranslations(file)
    assert french.gettext("one line") == "une ligne\n"
    assert [french.ngettext("%(n)s day", "%(n)s days", n) for n in (0, 1, 2)] == [
        "%(n)s jour",
        "%(n)s jour",
        "%(n)s jours",
    ]
    assert french.gettext("not yet") == "not yet"


def test_messages_are_found_in_code_and_in_templates(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "code.py").write_text(
        'a = _("in code")\nb = ngettext("%s thing", "%s things", 3)\nc = other("not this")\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "it’s" %}{% blocktranslate count n=3 %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}'
    )
    assert compile_messages.used(tmp_path) == {
        ("in code",),
        ("%s thing", "%s things"),
        ("it’s",),
        ("%(n)s row", "%(n)s rows"),
    }
