"""A hundred thousand messages in one conversation and five hundred conversations in a list, read in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.browser import run_scenario
from tests.support.server import Server

MESSAGES = 100_000

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
        kind="group", title=title, created_at=began, activity=activity, last_seq=count, member_count=2, version=1
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


def scroll_large_chat(server: Server, pixels: int, pictures: Path) -> Any:
    """Fill a server with the demo people, start it, and return what large_chat.mjs saw; it scrolls so far up, half of it back."""
    printed = server.carillon("shell", "-v0", "-c", FILL.format(messages=MESSAGES), seconds=120)
    server.start()
    inputs = {
        "large": int(printed.split("LARGE ")[1]),
        "last": MESSAGES,
        "pixels": pixels,
        "token": server.login("bruno"),
    }
    return run_scenario("large_chat", server.url, seconds=200, pictures=pictures, **inputs)
