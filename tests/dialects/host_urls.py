"""Views of a host: people on request, and host code, alone or in a transaction."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model, login
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework_simplejwt.tokens import AccessToken

from carillon.server.urls import urlpatterns as server_urls


def run(code: str, user: str) -> None:
    """Run host code with the names that the document's sample expects."""
    target_user = get_user_model().objects.get(pk=user)
    names = {"target_user": target_user, "message": SimpleNamespace(id=789), "chat_room": SimpleNamespace(id=456)}
    exec(compile(code, "sample", "exec"), names)  # noqa: S102 - a test's own text


@csrf_exempt
def people(request: HttpRequest) -> JsonResponse:
    """Make people, and say who they are and how they sign in; with `session`, sign one of them in here."""
    wanted = json.loads(request.body)
    made = {}
    for name in wanted["names"]:
        user, _ = get_user_model().objects.get_or_create(username=name, defaults={"password": "!"})
        made[name] = {"id": str(user.pk), "token": str(AccessToken.for_user(user))}
        if wanted.get("session"):
            login(request, user, "django.contrib.auth.backends.ModelBackend")
    return JsonResponse(made)


@csrf_exempt
def sample(request: HttpRequest) -> JsonResponse:
    """Run host code in this view: plainly, in a transaction, or in one that is rolled back."""
    wanted = json.loads(request.body)
    with transaction.atomic() if wanted["in"] != "view" else contextlib.nullcontext():
        run(wanted["code"], wanted["user"])
        if wanted["in"] == "rollback":
            transaction.set_rollback(True)
    return JsonResponse({})


@csrf_exempt
async def async_sample(request: HttpRequest) -> JsonResponse:
    """Run the same from an async view, in a thread of its own as `sync_to_async` gives."""
    wanted: dict[str, Any] = json.loads(request.body)
    await sync_to_async(run, thread_sensitive=wanted["in"] != "thread")(wanted["code"], wanted["user"])
    return JsonResponse({})


urlpatterns = [
    path("host/people/", people),
    path("host/sample/", sample),
    path("host/async-sample/", async_sample),
    *server_urls,
]
