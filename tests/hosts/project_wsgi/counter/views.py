"""The host's own pages, which notify."""

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from carillon.notifications import notify


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Notify whoever asks for it."""
    done = notify(request.user, title=request.POST["text"])
    return JsonResponse({"id": done.notifications[0].pk, "offset": done.position and done.position.offset})


@login_required
def everybody(request: HttpRequest) -> JsonResponse:
    """Notify everybody whose name begins so: many people are left to the background."""
    names = get_user_model().objects.filter(username__startswith=request.POST["names"])
    done = notify(names, title=request.POST["text"])
    return JsonResponse({"fanout": str(done.fanout_id), "rows": len(done.notifications)})
