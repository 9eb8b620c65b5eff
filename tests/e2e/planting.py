"""Run in the server's shell: people, conversations and messages that are all XSS vectors, those of the file `VECTORS`.

Prints one line of JSON: the conversation where all of them speak, and a token of one of them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.contrib.auth import get_user_model
from rest_framework_simplejwt.tokens import AccessToken

from carillon.conversations import actions
from carillon.conversations.models import LONGEST_EMOJI, LONGEST_TITLE, Reaction
from carillon.people.models import Profile

# A NUL is refused wherever text is.
vectors = [each["text"].replace("\0", "") for each in json.loads(Path(os.environ["VECTORS"]).read_text())]
User = get_user_model()
alice = User.objects.get(username="alice")

people = User.objects.bulk_create(User(username=f"x{number}") for number in range(len(vectors)))
Profile.objects.bulk_create(
    Profile(user=person, display_name=vector[:150], role=vector[:80], avatar_url="/x")
    for person, vector in zip(people, vectors, strict=True)
)

hall = actions.open_conversation(alice, "group", people, title=vectors[0], check=False)
answered = None
for person, vector in zip(people, vectors, strict=True):
    direct = actions.open_direct(person, alice, check=False)
    actions.send_message(person, direct.pk, vector)
    actions.open_conversation(person, "group", [alice], title=vector[:LONGEST_TITLE], picture="/x", check=False)
    said = actions.send_message(person, hall.pk, vector, reply_to=answered).message
    Reaction.objects.create(message_id=said.id, user=person, emoji=vector[:LONGEST_EMOJI])
    answered = said.id

print("PLANTED", json.dumps({"hall": hall.pk, "token": str(AccessToken.for_user(people[1]))}))
