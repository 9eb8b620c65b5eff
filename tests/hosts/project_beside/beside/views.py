"""The host's own views; each runs in a transaction, as ATOMIC_REQUESTS has it."""

import time
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from notifications.models import Notification

from carillon.notifications import notify


@login_required
def own_notifications(request: HttpRequest) -> JsonResponse:
    """What the host's own app calls notifications."""
    return JsonResponse({"own": list(Notification.objects.filter(user=request.user).values_list("text", flat=True))})


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Write a row of the host's and notify, in one transaction; with `hold`, wait before the end of it; with `fail`, raise."""
    text = request.POST["text"]
    Notification.objects.create(user=request.user, text=text)
    done = notify(request.user, title=text, url="/orders/", actor=request.user)
    if hold := request.POST.get("hold"):
        _wait_while(Path(hold))
    if request.POST.get("fail"):
        raise RuntimeError("the order cannot be placed after all")
    return JsonResponse({"position": done.position, "is_atomic": connection.in_atomic_block})


def host_errors(raised: Exception, context: object) -> None:
    """An exception handler of the host's; its None makes DRF raise what it cannot answer."""


def _wait_while(path: Path) -> None:
    path.write_text("held")
    deadline = time.monotonic() + 20
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
