"""The host's own page, which notifies."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from carillon.notifications import notify


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Notify the person with this key; it arrives as text, as keys from a page do."""
    done = notify(request.POST["to"], title=request.POST["text"], actor=request.user)
    return JsonResponse({"id": done.notifications[0].pk})
