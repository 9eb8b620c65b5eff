"""Health: is the process alive, can it serve, and how much does it hold."""

from __future__ import annotations

from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from carillon.errors import Unavailable
from carillon.realtime import log
from carillon.realtime.runtime import current
from carillon.rest.problems import MEDIA_TYPE, headers, problem, request_id
from carillon.server.metrics import scrape

_migrated: set[str] = set()


@never_cache
@require_safe
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, its migrations are applied, and the process is not on its way out; else 503."""
    reason = _obstacle()
    if reason is None:
        return JsonResponse({"status": "ready"})
    error = Unavailable("unavailable", reason, retry_after=1)
    return JsonResponse(
        problem(error, request_id(request)), status=error.status, content_type=MEDIA_TYPE, headers=headers(error)
    )


@never_cache
@require_safe
@transaction.non_atomic_requests
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics of this process, for Prometheus."""
    return HttpResponse(scrape(), content_type=CONTENT_TYPE_LATEST)


def _obstacle() -> str | None:
    if current().is_draining:
        return "The server is going away."
    alias = log.alias()
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
        return None if _is_migrated(alias) else "Migrations are not applied."
    except DatabaseError:
        return "The database does not answer."


def _is_migrated(alias: str) -> bool:
    if alias not in _migrated:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        # Migrations are not taken back under a running server; looking once is enough.
        _migrated.add(alias)
    return True
