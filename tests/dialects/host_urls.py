"""Views of a host: people on request, and host code, alone or in a transaction."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth import get_user_model, login, logout
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework_simplejwt.tokens import AccessToken

from carillon.conversations.actions import open_conversation
from carillon.notifications.models import Notification
from carillon.people.models import Profile
from carillon.server.urls import urlpatterns as server_urls


def run(code: str, user: str, room: int = 456) -> None:
    """Run host code with the names that the documents' samples expect."""
    target_user = get_user_model().objects.get(pk=user)
    names = {"target_user": target_user, "message": SimpleNamespace(id=789), "chat_room": SimpleNamespace(id=room)}
    exec(compile(code, "sample", "exec"), names)  # noqa: S102 - a test's own text


@csrf_exempt
def people(request: HttpRequest) -> JsonResponse:
    """Make people, some with `faces`, and say who they are and how they sign in; with `session`, sign one of them in here."""
    wanted = json.loads(request.body)
    made = {}
    for name in wanted["names"]:
        user, _ = get_user_model().objects.get_or_create(username=name, defaults={"password": "!"})
        made[name] = {"id": str(user.pk), "token": str(AccessToken.for_user(user))}
        if name in wanted.get("faces", {}):
            Profile.objects.update_or_create(user=user, defaults=wanted["faces"][name])
        if wanted.get("session"):
            login(request, user, "django.contrib.auth.backends.ModelBackend")
    return JsonResponse(made)


@csrf_exempt
def rooms(request: HttpRequest) -> JsonResponse:
    """Open a room with these people."""
    wanted = json.loads(request.body)
    owner, *others = get_user_model().objects.filter(pk__in=wanted["people"])
    room = open_conversation(owner, "room", others, title=wanted["title"], check=False)
    return JsonResponse({"id": room.pk})


@csrf_exempt
def sign_out(request: HttpRequest) -> JsonResponse:
    """The host's own way out."""
    logout(request)
    return JsonResponse({})


@csrf_exempt
def sample(request: HttpRequest) -> JsonResponse:
    """Run host code in this view: plainly, in a `transaction`, or in one that ends in a `rollback`."""
    run_in(json.loads(request.body))
    return JsonResponse({})


@csrf_exempt
async def async_sample(request: HttpRequest) -> JsonResponse:
    """Run the same from an async view: in its own thread for such calls, or in any `thread`."""
    wanted = json.loads(request.body)
    await sync_to_async(run_in, thread_sensitive="thread" not in wanted["in"])(wanted)
    return JsonResponse({})


@csrf_exempt
async def awaited_sample(request: HttpRequest) -> JsonResponse:
    """What the sample says, by async code that awaits instead."""
    user = json.loads(request.body)["user"]
    row = await Notification.objects.acreate(user_id=user, type="message", title="Nouveau message")
    layer = get_channel_layer()
    message = {"type": "send_notification", "notification": {"id": row.pk}, "unread_count": 1}
    await layer.group_send(f"notifications_{user}", message)
    return JsonResponse({})


def run_in(wanted: dict[str, Any]) -> None:
    """Run the code as `in` says."""
    words = wanted["in"].split()
    with transaction.atomic() if {"transaction", "rollback"} & {*words} else contextlib.nullcontext():
        run(wanted["code"], wanted["user"], int(wanted.get("room", 456)))
        if "rollback" in words:
            transaction.set_rollback(True)


urlpatterns = [
    path("host/people/", people),
    path("host/rooms/", rooms),
    path("host/sign-out/", sign_out),
    path("host/sample/", sample),
    path("host/async-sample/", async_sample),
    path("host/awaited-sample/", awaited_sample),
    *server_urls,
]
