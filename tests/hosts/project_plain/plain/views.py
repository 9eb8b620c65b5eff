"""The host's own view, which notifies with what hosts have at hand: lazy texts, lazy users, times."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from carillon.notifications import notify


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Notify whoever asks for it."""
    done = notify(request.user, title=gettext_lazy(request.POST["text"]), data={"placed": timezone.now()})
    return JsonResponse({"id": done.notifications[0].pk})
