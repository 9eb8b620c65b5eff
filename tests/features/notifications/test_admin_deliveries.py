"""Deliveries in the admin: what became of each, how its e-mail reads, trying again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

from carillon.notifications import actions, notify
from carillon.notifications.models import Delivery
from tests.features.notifications.mailing import begin, send
from tests.features.notifications.staff import APP, staff, viewer
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def session(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(settings, monkeypatch)


def test_staff_see_what_became_of_each_read_it_and_try_it_again() -> None:
    alice, nobody = make_user(language="en", email="alice@example.org"), make_user(email="")
    send(alice, "session", {"mentor": "<b>Zoé</b>", "at": "8 h"})
    notify(nobody, "session", {"mentor": "Max"})
    actions.dispatch("email")
    browser, url = staff(), f"{APP}delivery/"
    listed = browser.get(url).content.decode()
    assert "Session with &lt;b&gt;Zoé&lt;/b&gt;" in listed and "no address" in listed
    row = Delivery.objects.get(user=nobody)
    type(nobody).objects.filter(pk=nobody.pk).update(email="nobody@example.org")
    done = browser.post(url, {"action": "retry", "_selected_action": [row.pk]}, follow=True).content.decode()
    assert "1 delivery is tried again." in done
    mail.outbox.clear()
    actions.dispatch("email")
    assert [message.to for message in mail.outbox] == [["nobody@example.org"]]
    detail = browser.get(f"{url}{row.pk}/change/").content.decode()
    for language, button in (("fr", "Ouvrir"), ("en", "Open it")):
        path = f"{url}{row.pk}/preview/{language}/"
        assert path in detail
        shown = browser.get(path)
        assert button in shown.content.decode() and "script-src" not in shown["Content-Security-Policy"]
    assert browser.get(f"{url}{row.pk}/preview/xx/").status_code == 404
    looking = staff("view_delivery")
    assert looking.get(url).status_code == 200 and "retry" not in looking.get(url).content.decode()
    assert viewer().get(f"{url}{row.pk}/preview/fr/").status_code == 403


def test_the_preview_of_sending_shows_the_email_too() -> None:
    form = {"user": make_user().pk, "kind": "session", "params": '{"mentor": "Zoé", "at": "8 h"}', "_preview": "1"}
    page = staff().post(f"{APP}notification/add/", form).content.decode()
    assert (
        "Séance avec Zoé" in page and page.count("As an e-mail") == 2 and re.search(r"<pre>.*Ouvrir\nhttps", page, re.S)
    )
