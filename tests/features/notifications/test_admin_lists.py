"""The admin's overview of kinds, its list of fan-outs and the brake's log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import timezone

from carillon.notifications import actions, kinds, notify, register_kind
from carillon.notifications.admin.samples import parameters_of, sample
from carillon.notifications.models import BrakeRecord, Fanout, Notification
from carillon.testing import run_sweeps
from tests.features.notifications.staff import APP, staff, viewer
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

KINDS = f"{APP}notification/kinds/"


@pytest.fixture
def greeting() -> Iterator[kinds.Kind]:
    """A kind in one language, registered for one test."""
    yield register_kind(
        "tests.greeting", {"fr": ("Bonjour {{ who.name }} !", "{{ text|upper }}")}, url="/p/{{ who.id }}/"
    )
    del kinds._kinds["tests.greeting"]


def test_each_kind_with_its_words_figures_and_what_it_lacks(greeting: kinds.Kind) -> None:
    alice = make_user()
    ids = [
        notify(alice, greeting.name, {"who": {"name": "Zoé", "id": 1}, "text": "x"}).notifications[0].pk
        for _ in range(4)
    ]
    Notification.objects.filter(pk=ids[0]).update(created_at=timezone.now() - dt.timedelta(days=3))
    Notification.objects.filter(pk=ids[1]).update(created_at=timezone.now() - dt.timedelta(days=30))
    actions.mark_read(alice.pk, ids[1:3])
    notify(alice, title="Without a kind")
    answer = viewer().get(KINDS)
    (row,) = [each for each in answer.context_data["overview"].rows if each.kind is greeting]
    assert (row.figures.day, row.figures.week, row.figures.read, row.figures.share) == (2, 3, 1, 33)
    assert (row.parameters, row.missing) == (["who", "text"], ["English"])
    assert [name for name in answer.context_data["overview"].strays] == [""]
    page = answer.content.decode()
    assert "Bonjour ⟨who.name⟩ !" in page and "/p/⟨who.id⟩/" in page and "⟨TEXT⟩" in page
    assert "No words in: English." in page and "33 % of the week’s are read." in page
    assert "{{ text|upper }}" in page and "Send a test" not in page.split("content-main")[1]
    assert f"{APP}notification/add/?kind=tests.greeting" in staff().get(KINDS).content.decode()


def test_the_overview_is_for_who_may_see_notifications() -> None:
    assert staff("view_fanout").get(KINDS).status_code == 403


@pytest.mark.parametrize(
    ("title", "names", "shown"),
    [
        ("Plain", [], "Plain"),
        ("{% if n > 1 %}{{ n }} rows{% else %}one{% endif %}", ["n"], "one"),
        ("{% for line in lines %}{{ line.text }},{% endfor %}", ["lines"], "⟨lines.text⟩,"),
        ("{{ when|date:'d/m' }}{{ total|floatformat:2 }}{{ a.b.0.c }}", ["when", "total", "a"], "⟨a.b.0.c⟩"),
        ("{% with x=y %}{{ x }}{% endwith %}{{ y|default:'none' }}", ["y"], "⟨y⟩⟨y⟩"),
        ("{% if not on %}off{% endif %}{{ on|upper }}", ["on"], "⟨ON⟩"),
    ],
)
def test_samples_survive_what_templates_do(title: str, names: list[str], shown: str) -> None:
    kind = kinds.Kind("tests.sample", {"fr": kinds.Text(title)})
    assert (parameters_of(kind), sample(kind, "fr").title) == (names, shown)


def test_a_template_that_cannot_be_filled_in_says_why() -> None:
    kind = kinds.Kind("tests.sample", {"fr": kinds.Text("{{ first }}{% include 'missing.html' %}")})
    assert parameters_of(kind) == ["first"]
    assert sample(kind, "fr").title.startswith("TemplateDoesNotExist")


def test_fan_outs_with_their_progress() -> None:
    notify(make_users(30), title="For many", severity="warning")
    client = viewer()
    page = client.get(f"{APP}fanout/").content.decode()
    assert "For many" in page and "0 / 30" in page
    run_sweeps("notifications.fanout")
    assert "30 / 30" in client.get(f"{APP}fanout/", {"finished_at__isempty": "0"}).content.decode()
    one = client.get(f"{APP}fanout/{Fanout.objects.get().pk}/change/").content.decode()
    assert "&quot;severity&quot;: &quot;warning&quot;" in one and "deletelink" not in one
    assert staff().get(f"{APP}fanout/add/").status_code == 403
    assert staff().post(f"{APP}fanout/{Fanout.objects.get().pk}/change/", {"done": 1}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_brakes_log_names_people_and_the_limit_in_force() -> None:
    alice = make_user("alice")
    with override_settings(CARILLON={"BRAKE_PER_MINUTE": 3}):
        for _ in range(8):
            notify(alice, "demo.greeting", {"name": "x"})
        page = viewer().get(f"{APP}brakerecord/", {"q": "alice", "kind": "demo.greeting"}).content.decode()
    assert "The limit now in force: 3 notifications" in page
    assert f'href="{APP}inbox/{alice.pk}/change/"' in page and ">5<" in page
    with override_settings(CARILLON={"BRAKE_PER_MINUTE": 0}):
        assert "The brake is off" in viewer().get(f"{APP}brakerecord/").content.decode()
    assert staff().post(f"{APP}brakerecord/{BrakeRecord.objects.get().pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_opens_in_both_languages(language: str) -> None:
    notify(make_user(), title="x")
    for path in ("notification/", "notification/add/", "notification/kinds/", "inbox/", "fanout/", "brakerecord/"):
        answer = staff(language=language).get(APP + path)
        assert answer.status_code == 200 and answer.headers["Content-Language"] == language
