"""The host's own view, which notifies."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from carillon.notifications import notify


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Notify whoever asks for it."""
    done = notify(request.user, title=request.POST["text"])
    return JsonResponse({"id": done.notifications[0].pk})
