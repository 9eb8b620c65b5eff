"""The page behind the link at the end of an e-mail: it needs no signing in, and mail programs may post to it (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from carillon.conf import settings
from carillon.errors import NotFound
from carillon.notifications import actions, optouts
from carillon.notifications.models import OptOut
from carillon.notifications.outlets.email import site_name
from carillon.people.queries import preferences_of, users

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


# The signed link is what says that it was meant; whoever posts by one click carries no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def opt_out_page(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing; a POST ends what the outlet sends this person, and one with `again` takes that back."""
    try:
        key, outlet = optouts.read_token(token)
    except NotFound:
        return _page(request, "", status=404)
    user = users([key]).first()
    if user is None:
        return _page(request, "", status=404)
    if request.method == "POST":
        (actions.opt_in if "again" in request.POST else actions.opt_out)(key, outlet)
    return _page(
        request, preferences_of(user).language, is_out=OptOut.objects.filter(user=user, outlet=outlet).exists()
    )


def _page(request: HttpRequest, language: str, status: int = 200, **context: object) -> HttpResponse:
    spoken = language or translation.get_language() or settings.LANGUAGES[0]
    with translation.override(spoken):
        shown = {"is_found": status == 200, "language": spoken, "site": site_name(), **context}
        response = render(request, "carillon/opt_out.html", shown, status=status)
    for name, value in _HEADERS.items():
        response[name] = value
    return response
