"""Opting out of e-mails: by the link in each of them, by one click of the mail program, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from carillon.notifications import actions, notify
from carillon.notifications.models import Delivery, OptOut
from carillon.people.models import Profile
from tests.features.notifications.mailing import SITE, begin, send
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def session(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(settings, monkeypatch)


@pytest.fixture
def link() -> tuple[Any, str]:
    """Somebody who gets e-mails, and the path of the link in them."""
    alice = make_user(language="en", email="alice@example.org")
    message = send(alice, "session", {"mentor": "Zoé"})
    return alice, message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(SITE)


def test_the_link_ends_mail_by_one_click_and_a_look_changes_nothing(link: tuple[Any, str]) -> None:
    alice, path = link
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(path)
    assert page.status_code == 200 and "No more e-mails" in page.content.decode() and not OptOut.objects.exists()
    assert page["Cache-Control"] == "no-store" and "script-src" not in page["Content-Security-Policy"]
    # As mail programs do it: RFC 8058.
    answer = browser.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "Mail me again" in answer.content.decode()
    assert OptOut.objects.get().user == alice
    browser.post(path, {"List-Unsubscribe": "One-Click"})
    notify(alice, "session", {"mentor": "Zoé"})
    actions.dispatch("email")
    assert Delivery.objects.latest("pk").reason == "opted out"
    assert "Mail me again" in browser.get(path).content.decode()
    browser.post(path, {"again": "1"})
    assert not OptOut.objects.exists()
    assert send(alice, "session", {"mentor": "Zoé"}).to == ["alice@example.org"]


def test_the_page_speaks_the_persons_language(link: tuple[Any, str]) -> None:
    alice, path = link
    Profile.objects.filter(user=alice).update(language="fr")
    page = Client(headers={"Accept-Language": "en"}).get(path).content.decode()
    assert '<html lang="fr">' in page and "Ne plus recevoir d’e-mails" in page


def test_a_link_that_is_not_ours_says_so(link: tuple[Any, str]) -> None:
    alice, path = link
    for wrong in (path.replace(":", ":x", 1), "/api/v1/notifications/opt-out/x/", path[:-4] + "/"):
        answer = Client().post(wrong, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404 and "<h1>" in answer.content.decode()
    alice.delete()
    assert Client().post(path).status_code == 404 and Client().put(path).status_code == 405
