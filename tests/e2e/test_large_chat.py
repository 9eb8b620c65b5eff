"""A hundred thousand messages and five hundred conversations, in a real browser: quick, light, and nothing moves by itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.support.browser import run_scenario
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

MESSAGES = 100_000
# By hand, on a quiet machine: further, for better figures, which large_chat.json then holds.
PIXELS = int(os.environ.get("CARILLON_CHAT_PIXELS", "12000"))

# Said long ago: the rows as they stand then, in a few statements.
FILL = """
import datetime as dt
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone
from carillon.conversations.models import Conversation, Membership, ReadMark

alice, bruno = get_user_model().objects.order_by("pk")[:2]
now = timezone.now()

def talk(title, count, ago):
    last = now - dt.timedelta(minutes=ago)
    began, activity = last - dt.timedelta(minutes=count), int(last.timestamp() * 1_000_000)
    return Conversation(
        kind="group", title=title, created_at=began, activity=activity, last_seq=count, member_count=2, version=1, followed=1
    )

talks = [talk(f"Chantier {{n}} de la rue des Tilleuls", 3, 60 * n) for n in range(500)]
talks[0] = large = talk("Le long fil", {messages}, 0)
for each in Conversation.objects.bulk_create(talks):
    for user in (alice, bruno):
        member = Membership.objects.create(
            conversation=each, user=user, visible_offset=0, told=1, notified_seq=each.last_seq, joined_at=each.created_at
        )
        ReadMark.objects.create(membership=member, up_to=each.last_seq - (150 if each is large else 0))

words = (
    "D’accord.",
    "Le lot menuiseries est chiffré, la note suit ce soir avec le **détail** des tableaux.",
    "Oui !",
    "Réunion de chantier mardi à 9 h, à la mairie : apportez les plans, la notice, et de quoi noter.\\n\\n- façade nord\\n- toiture",
)
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO carillon_conversations_message (conversation_id, seq, sender_id, client_id, content, created_at) "
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {messages}) "
        "SELECT talk.id, n, CASE n / 3 % 2 WHEN 0 THEN %s ELSE %s END, talk.id || '-' || n, "
        "'Message ' || n || '. ' || CASE n % 4 WHEN 0 THEN %s WHEN 1 THEN %s WHEN 2 THEN %s ELSE %s END, "
        "strftime('%%Y-%%m-%%d %%H:%%M:%%S', talk.created_at, '+' || n || ' minutes') "
        "FROM carillon_conversations_conversation talk JOIN number ON n <= talk.last_seq WHERE talk.id >= %s",
        [bruno.pk, alice.pk, *words, large.pk],
    )
print("LARGE", large.pk)
"""


def test_a_long_thread_and_a_long_list_stay_quick(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min", BRAKE_PER_MINUTE="0")
    printed = server.carillon("shell", "-v0", "-c", FILL.format(messages=MESSAGES), seconds=120)
    server.start()
    inputs = {
        "large": int(printed.split("LARGE ")[1]),
        "last": MESSAGES,
        "pixels": PIXELS,
        "token": server.login("bruno"),
    }
    seen = run_scenario("large_chat", server.url, seconds=200, pictures=tmp_path, **inputs)
    (tmp_path / "large_chat.json").write_text(json.dumps(seen, indent=1))
    assert seen["trouble"] == []
    assert 116 <= seen["divider"] <= 716, "it opens where the reader has not read on"
    for when in ("before", "after", "atEnd"):
        assert seen[when]["messages"] < 400, f"{when}: only what is near the view is in the page"
        assert seen[when]["megabytes"] < 150
    assert seen["atEnd"]["lines"] > 400

    assert seen["stood"] == seen["stands"], "the reader stays where they were while twenty messages arrive"
    moved = {name for shift in seen["shifts"] for name in shift["moved"]}
    assert moved <= {"carillon-jump", "carillon-badge", "carillon-message-tools"}, "what has been read does not move"

    # A quiet machine holds 60 frames a second, with a share over 16.7 ms of a few per cent; others use this one at the same time.
    for what in ("scroll", "back", "list"):
        assert seen[what]["most"] < 400
        assert seen[what]["p50"] < 34, f"milliseconds a frame: {what}"
        assert seen[what]["percentOver50"] < 25, f"share of frames that took longer than 50 ms: {what}"
    for what, times in seen["painted"].items():
        assert times, what
        assert median(times) < 400, f"milliseconds until {what} is painted: {times}"
