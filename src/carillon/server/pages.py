"""The demo application's one page, served at every path that is nobody else's; and the answer for unknown API paths."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from carillon.errors import NotFound
from carillon.rest.problems import MEDIA_TYPE, problem, request_id


@require_safe
def application(request: HttpRequest) -> HttpResponse:
    """The built front end, asked again each time; its hashed assets are what browsers keep."""
    if "." in request.path.rpartition("/")[2]:
        raise Http404("There is no such file.")
    try:
        page, modified = settings.DEMO_INDEX.read_bytes(), int(settings.DEMO_INDEX.stat().st_mtime)
    except FileNotFoundError:
        return _unbuilt(request)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    response = HttpResponse(status=304) if since == modified else HttpResponse(page)
    response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = "no-cache"
    return response


@csrf_exempt
def unknown_api(request: HttpRequest) -> HttpResponse:
    """A problem document for paths under /api/ that do not exist."""
    error = NotFound("not_found", "There is nothing at this address.")
    return JsonResponse(problem(error, request_id(request)), status=404, content_type=MEDIA_TYPE)


def _unbuilt(request: HttpRequest) -> HttpResponse:
    response = render(request, "carillon_server/unbuilt.html", status=503)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "no-store"
    return response
