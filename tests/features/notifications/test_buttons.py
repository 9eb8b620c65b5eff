"""Buttons that are offered: in the recipient's language, from the call or from the kind, and refused by name."""

from __future__ import annotations

import pytest

from carillon.errors import Invalid
from carillon.notifications import Button, kinds, notify, register_kind
from carillon.notifications.models import Notification
from carillon.people.actions import update_profile
from tests.features.notifications.answering import LINK, NO, YES
from tests.features.notifications.inbox import last_state
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_buttons_are_offered_in_the_language_of_each_recipient() -> None:
    alice, yuki = make_user("alice"), make_user("yuki")
    update_profile(yuki, language="en")
    notify([alice, yuki], title="Bonjour", data={"n": 1}, buttons=[YES, LINK])
    assert last_state(alice)["data"] == {
        "n": 1,
        "actions": [
            {"name": "yes", "label": "Oui", "style": "primary"},
            {"name": "see", "label": "Voir", "style": "", "url": "/voir"},
        ],
    }, "what the command is called with is not shown"
    assert last_state(yuki)["data"]["actions"][0]["label"] == "Yes"


def test_kinds_have_buttons_with_their_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    buttons = [
        Button("yes", {"fr": "Oui à {{ who }}", "en": "Yes to {{ who }}"}, command="tests.answer"),
        Button("see", "{{ who }}", url="/people/{{ slug }}"),
    ]
    register_kind("asked", {"fr": ("{{ who }} vous invite", "")}, buttons=buttons)
    alice = make_user()
    notify(alice, "asked", {"who": "Inès", "slug": "ines"})
    assert [(each["label"], each.get("url")) for each in last_state(alice)["data"]["actions"]] == [
        ("Oui à Inès", None),
        ("Inès", "/people/ines"),
    ]
    notify(alice, "asked", {"who": "Inès", "slug": "x y"})
    assert len(last_state(alice)["data"]["actions"]) == 1, "a link that may not be opened is not shown"
    notify(alice, "asked", {"who": "Inès"}, buttons=[])
    assert "actions" not in last_state(alice)["data"]
    with pytest.raises(ValueError, match="either a command or a url"):
        register_kind("empty", {"fr": ("x", "")}, buttons=[Button("a", "A")])


@pytest.mark.parametrize(
    ("buttons", "field"),
    [
        ([YES, NO, LINK, Button("more", "Plus", url="/")], "buttons"),
        ([YES, YES], "buttons"),
        ([YES, Button("b", "B", url="/", style="primary")], "buttons"),
        ([Button("A B", "x", url="/")], "buttons.0.name"),
        ([Button("a", "", url="/")], "buttons.0.label"),
        ([Button("a", {}, url="/")], "buttons.0.label"),
        ([Button("a", "x" * 61, url="/")], "buttons.0.label"),
        ([Button("a", "x")], "buttons.0.command"),
        ([Button("a", "x", url="/", command="tests.answer")], "buttons.0.command"),
        ([Button("a", "x", command="no.such")], "buttons.0.command"),
        ([Button("a", "x", url="javascript:alert(1)")], "buttons.0.url"),
        ([Button("a", "x", url="/", data={"n": 1})], "buttons.0.data"),
        ([Button("a", "x", command="tests.answer", data={"n": "x" * 5000})], "buttons.0.data"),
        ([Button("a", "x", url="/", style="loud")], "buttons[0].style"),  # type: ignore[arg-type]
    ],
)
def test_buttons_that_cannot_be_shown_are_refused_by_name(buttons: list[Button], field: str) -> None:
    alice = make_user()
    with pytest.raises(Invalid) as refused:
        notify(alice, title="x", buttons=buttons)
    assert refused.value.details[0]["field"] == field
    assert not Notification.objects.exists()
