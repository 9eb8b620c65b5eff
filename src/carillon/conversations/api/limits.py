"""How often somebody may write by REST: as often as over sockets (REQUIREMENTS 004-43)."""

from __future__ import annotations

import threading
import time
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from carillon.conf import settings
from carillon.realtime.limits import Bucket
from carillon.rest.views import CarillonAPIView

_MOST_KEPT = 10_000
_mutex = threading.Lock()
_buckets: dict[str, Bucket] = {}


class PersonLimit(BaseThrottle):
    """CARILLON["PERSON_COMMANDS_PER_SECOND"] of one person in this process, twice as many at once."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request; one that is refused does not count."""
        rate, now = settings.PERSON_COMMANDS_PER_SECOND, time.monotonic()
        with _mutex:
            bucket = _buckets.pop(str(request.user.pk), None)
            if bucket is None or bucket.rate != rate:
                bucket = Bucket(rate, 2 * rate, now)
            # Who wrote last is last to be forgotten.
            _buckets[str(request.user.pk)] = bucket
            if len(_buckets) > _MOST_KEPT:
                del _buckets[next(iter(_buckets))]
            self._wait = bucket.take(now)
        return not self._wait

    def wait(self) -> float:
        """Seconds until a request would pass."""
        return self._wait


def forget() -> None:
    """Let everybody write as if they had not written yet, for tests."""
    _buckets.clear()


class WriteView(CarillonAPIView):
    """A view whose writes are limited, and whose reads are not."""

    def get_throttles(self) -> Any:
        """The limit, for what is no reading."""
        return [] if getattr(self.request, "method", "GET") in ("GET", "HEAD", "OPTIONS") else [PersonLimit()]
