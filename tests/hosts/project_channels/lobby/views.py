"""The host's own pages."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from carillon.notifications import notify
from carillon.notifications.models import Notification


@login_required
def announce(request: HttpRequest) -> JsonResponse:
    """Say something in a room from a view, as the host always did."""
    said = {"type": "chat.message", "text": request.POST["text"], "by": "view"}
    async_to_sync(get_channel_layer().group_send)(f"chat_{request.POST['room']}", said)
    return JsonResponse({})


@login_required
def order(request: HttpRequest) -> JsonResponse:
    """Notify whoever asks for it, by Carillon."""
    return JsonResponse({"id": notify(request.user, title=request.POST["text"]).notifications[0].pk})


@login_required
def own_way(request: HttpRequest) -> JsonResponse:
    """Notify as the first document does it: a row, then a message to the group."""
    row = Notification.objects.create(user=request.user, type="message", title=request.POST["text"])
    told = {"id": row.pk, "type": row.type, "title": row.title, "message": "", "is_read": False, "created_at": ""}
    message = {"type": "send_notification", "notification": told, "unread_count": 1}
    async_to_sync(get_channel_layer().group_send)(f"notifications_{request.user.pk}", message)
    return JsonResponse({"id": row.pk})
