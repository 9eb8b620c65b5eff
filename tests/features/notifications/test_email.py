"""E-mails of notifications: what they say in each language, what they cannot be made to say, and how one ends them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from carillon.notifications import actions, checks, notify
from carillon.notifications.models import Delivery, Notification
from carillon.notifications.outlets.email import is_address, words
from tests.features.notifications.mailing import SITE, SMTP, Page, begin, parts, send
from tests.support import processes
from tests.support.covers import covers
from tests.support.mail import mail_server
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def session(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(settings, monkeypatch)


SAID = {
    "fr": ("Séance avec Zoé & Max", "Elle commence à 17 h.", "Ouvrir", "Ne plus recevoir", "Vous recevez"),
    "en": ("Session with Zoé & Max", "It begins at 17 h.", "Open it", "Stop these e-mails", "You get this"),
}


@covers("001-12")
@pytest.mark.parametrize("language", sorted(SAID))
def test_an_email_says_everything_twice_in_the_readers_language(language: str) -> None:
    alice = make_user(language=language, email="alice@example.org")
    message = send(alice, "session", {"mentor": "Zoé & Max", "at": "17 h"}, actor=make_user(first_name="Zoé"))
    text, page = parts(message)
    title, first, button, way_out, reason = SAID[language]
    assert message.subject == title and message.to == ["alice@example.org"] and page.lang == language
    assert message.from_email == SMTP["DEFAULT_FROM_EMAIL"]
    for said in (title, first, button, way_out, reason, "LinkDeal"):
        assert said in text and said in page.text, said
    [opens, ends] = page.links
    assert opens == f"{SITE}/sessions/7" and opens in text and ends in text
    assert message.extra_headers["List-Unsubscribe"] == f"<{ends}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    row = Delivery.objects.get()
    assert message.extra_headers["Message-ID"] == f"<{row.notification_id}.{row.pk}@example.org>"
    # Read without pictures, and nothing that tells the sender that it was.
    assert not {"img", "script", "link", "iframe", "form"} & set(page.tags)
    assert "Zoé" in page.text and "17 h" in page.text[: page.text.index(title, 60)], "the preview line comes first"


NASTY = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ params }}{% now 'Y' %}", "a\u2028b\N{BELL}")


def test_what_people_write_stays_text() -> None:
    alice = make_user(email="alice@example.org")
    for nasty in NASTY:
        message = send(
            alice, title=nasty, message=f"{nasty}\n{nasty}", outlets=["email"], url="https://x.example/?a=%22&b='"
        )
        text, page = parts(message)
        assert nasty in text and nasty in page.text
        assert not {"img", "script"} & set(page.tags) and "&amp;" not in text and "&lt;" not in text
        assert page.links[0] == "https://x.example/?a=%22&b='"


def test_nothing_of_it_becomes_a_header() -> None:
    alice = make_user(email="alice@example.org")
    message = send(alice, title="Hello\r\nBcc: mallory@example.org\r\n\r\n<b>", outlets=["email"])
    assert message.subject == "Hello Bcc: mallory@example.org <b>" and message.recipients() == ["alice@example.org"]
    assert message.message()["Bcc"] is None
    for address in ("", "alice", "a@b\r\nBcc: c@d", "a@b, c@d", "Alice <a@b>", "a b@c", "@", "a@"):
        assert not is_address(address)
        notify(make_user(email=address), title="x", severity="error", outlets=["email"])
    mail.outbox.clear()
    actions.dispatch("email")
    assert not mail.outbox
    skipped = Delivery.objects.filter(state="skipped").order_by("pk").values_list("reason", flat=True)
    assert list(skipped) == ["no address", *["not an address"] * 7]


def test_links_that_a_click_may_not_open_or_that_lead_nowhere_are_left_out(settings: Any) -> None:
    for url in ("javascript:alert(1)", "//evil.example", "/\\evil", "data:text/html,x"):
        said = words(Notification(title="x", url=url), "fr")
        assert not Page(said["html"]).links and "evil" not in said["text"]
    settings.CARILLON = {**settings.CARILLON, "PUBLIC_URL": ""}
    message = send(make_user(email="alice@example.org"), "session", {"mentor": "Zoé"})
    assert not parts(message)[1].links and "List-Unsubscribe" not in message.extra_headers


def test_a_host_words_one_kind_anew_or_all_of_them(settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "carillon" / "email"
    folder.mkdir(parents=True)
    extended = (
        "{% extends 'carillon/email/notification.txt' %}{% block message %}\nChez {{ params.mentor }} !\n{% endblock %}"
    )
    (folder / "session.txt").write_text(extended)
    (folder / "session.html").write_text("<p>{{ title }} – {{ params.mentor }}</p>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    text, page = parts(send(make_user(email="a@example.org"), "session", {"mentor": "<L'Ô>"}))
    assert "Chez <L'Ô> !" in text and "Ouvrir" in text and page.text.strip() == "Séance avec <L'Ô> – <L'Ô>"


def test_mail_waits_a_minute_unless_something_is_wrong(settings: Any) -> None:
    alice = make_user(email="alice@example.org")
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for severity in ("info", "error"):
            notify(alice, title=severity, severity=severity, outlets=["email"])
        assert actions.dispatch("email") == 1 and mail.outbox[0].subject == "error"
        clock.shift(59)
        assert actions.dispatch("email") == 0
        clock.shift(2)
        assert actions.dispatch("email") == 1


@covers("001-12")
def test_over_smtp_a_batch_takes_one_connection_and_one_bad_address_holds_up_nobody() -> None:
    with mail_server() as server, override_settings(**SMTP, EMAIL_PORT=server.port):
        server.refused.add("p2@example.org")
        for number in range(5):
            notify(make_user(email=f"p{number}@example.org"), "session", {"mentor": "Élodie", "at": "8 h"})
        assert actions.dispatch("email") == 5
        assert [each.recipients for each in server.received] == [[f"p{n}@example.org"] for n in (0, 1, 3, 4)]
        assert server.connections == 2, "a new one after the failure, and no other"
        first = server.received[0].message
        assert first["Subject"] == "Séance avec Élodie" and first["From"] == SMTP["DEFAULT_FROM_EMAIL"]
        assert first["Auto-Submitted"] == "auto-generated"
        kinds_of = [part.get_content_type() for part in first.walk()]
        assert kinds_of == ["multipart/alternative", "text/plain", "text/html"]
        body = first.get_body(("plain",))
        assert body is not None and "Elle commence à 8 h." in body.get_content()
        failed = Delivery.objects.get(state="pending")
        assert "p2@example.org" in failed.reason and failed.attempts == 1


CLAIM = """
import django
from django.conf import settings
django.setup()
from carillon.notifications import actions
actions.dispatch("email")
"""


@pytest.mark.serial
def test_a_worker_that_is_killed_amid_a_message_loses_none(tmp_path: Path) -> None:
    alice, bruno = (make_user(email=f"{name}@example.org") for name in ("alice", "bruno"))
    for user in (alice, bruno):
        notify(user, "session", {"mentor": "Zoé", "at": "8 h"})
    with mail_server() as server, override_settings(**SMTP, EMAIL_PORT=server.port):
        server.may_answer.clear()
        worker = processes.start([sys.executable, "-c", CLAIM], tmp_path / "log", _environment(server.port))
        processes.wait_for(server.begun.is_set, "the worker to have sent a message whole")
        processes.kill(worker)
        server.may_answer.set()
        processes.wait_for(lambda: len(server.received) == 1, "the server to have taken it")
        assert actions.dispatch("email") == 0, "they are the dead worker's until its lease is over"
        with time_machine.travel(timezone.now() + timezone.timedelta(minutes=11)):
            assert actions.dispatch("email") == 2
        assert server.ids[0] in server.ids[1:] and len(set(server.ids)) == 2, "at least once, and known by its id"
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 2)}


def _environment(port: int) -> dict[str, str]:
    """That of a process on the database of this test."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{given['NAME']}"
    else:
        url = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    return processes.clean_environment(
        DJANGO_SETTINGS_MODULE="carillon.server.settings",
        DATABASE_URL=url,
        CARILLON_DATA=os.environ["CARILLON_DATA"],
        EMAIL_URL=f"smtp://127.0.0.1:{port}",
        DEFAULT_FROM_EMAIL="bells@example.org",
    )


def test_half_set_mail_is_named(settings: Any) -> None:
    ids = lambda: [found.id for found in checks.check_mail()]  # noqa: E731 - asked four times
    settings.DEFAULT_FROM_EMAIL = "webmaster@localhost"
    assert ids() == [], "mail stays here"
    settings.EMAIL_BACKEND = SMTP["EMAIL_BACKEND"]
    assert ids() == ["carillon.W008"]
    settings.DEFAULT_FROM_EMAIL = "bells@example.org"
    settings.EMAIL_HOST_USER = "me"
    assert ids() == ["carillon.W008", "carillon.W008"], "no password, and no TLS"
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS = "secret", True
    assert ids() == []
    settings.CARILLON = {**settings.CARILLON, "PUBLIC_URL": ""}
    assert ids() == ["carillon.W009"]
    settings.CARILLON = {**settings.CARILLON, "KIND_OUTLETS": {"session": ()}}
    assert ids() == []
    for wrong in (
        {"OUTLETS": {"x": "nowhere.X"}},
        {"KIND_OUTLETS": {"session": "email"}},
        {"WEBHOOK_URL": "example.org", "WEBHOOK_SECRET": "x"},
        {"WEBHOOK_URL": "https://example.org"},
        {"EMAIL_DELAY": -1.0},
    ):
        settings.CARILLON = wrong
        assert [found.id for found in checks.check_outlets()] == ["carillon.E006"], wrong


def test_what_is_composed_is_the_same_each_time() -> None:
    alice = make_user(email="alice@example.org")
    message = send(alice, "session", {"mentor": "Zoé", "at": "8 h"})
    with mail_server() as server, override_settings(**SMTP, EMAIL_PORT=server.port):
        row = Delivery.objects.get()
        actions.try_again([row.pk])
        assert actions.dispatch("email") == 0, "what was sent is not sent again"
        Delivery.objects.update(state="failed")
        actions.try_again([row.pk])
        assert actions.dispatch("email") == 1 and server.ids == [message.extra_headers["Message-ID"]]
