"""What the server answers besides REST: health, metrics, the demo application's page, unknown addresses, headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client, RequestFactory, override_settings

from carillon.realtime.runtime import current
from carillon.server import health, metrics
from carillon.server.middleware import POLICY
from tests.support.covers import covers

pytestmark = pytest.mark.django_db


@pytest.fixture
def index(tmp_path: Path) -> Any:
    page = tmp_path / "index.html"
    page.write_text("<!doctype html><title>Carillon</title>")
    with override_settings(DEMO_INDEX=page):
        yield page


def test_the_process_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.post("/readyz").status_code == 405


def test_it_is_not_ready_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as rim:
        rim.setattr(type(connections["default"]), "cursor", gone)
        answer = health.readyz(RequestFactory().get("/readyz"))
    assert answer.status_code == 503 and answer["Retry-After"] == "1"
    assert client.get("/healthz").status_code == 200


def test_it_is_not_ready_before_its_migrations_and_while_it_goes_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as rim:
        rim.setattr(health, "_migrated", set())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'carillon_jobs'")
        assert client.get("/readyz").json()["detail"] == "Migrations are not applied."
    monkeypatch.setattr(current(), "is_draining", True)
    assert client.get("/readyz").status_code == 503


@covers("004-48")
def test_metrics_tell_connections_and_the_size_of_the_log(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    for name in (metrics.CONNECTIONS, metrics.TOPICS, metrics.LOG_EVENTS, metrics.DRAINING, metrics.BUILD):
        assert f"# TYPE {name} gauge" in text
    assert f'{metrics.CONNECTIONS}{{state="signed_in"}} 0.0' in text


@pytest.mark.parametrize("path", ["/", "/login", "/notifications", "/ring", "/any/thing"])
def test_the_application_answers_at_every_path_of_its_own(client: Client, index: Path, path: str) -> None:
    answer = client.get(path)
    assert answer.content == index.read_bytes()
    assert answer["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-Modified-Since": answer["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_missing_file_is_not_the_application(client: Client, index: Path) -> None:
    assert client.get("/robots.txt").status_code == 404
    assert client.get("/static/demo/assets/gone.js").status_code == 404


def test_before_it_is_built_the_page_says_what_to_do(client: Client, tmp_path: Path) -> None:
    with override_settings(DEMO_INDEX=tmp_path / "none"):
        answer = client.get("/")
    assert answer.status_code == 503
    assert "make run" in answer.content.decode()
    assert "script-src" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing/", "/api/v9/", "/api/token"])
def test_unknown_api_addresses_get_a_problem(client: Client, path: str) -> None:
    for answer in (client.get(path), client.post(path, {"a": 1}, content_type="application/json")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer["Content-Type"] == "application/problem+json"


def test_pages_may_load_nothing_from_elsewhere(client: Client, index: Path) -> None:
    answer = client.get("/")
    assert answer["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY and "http" not in POLICY and "*" not in POLICY
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "Server" not in answer


@covers("000-45")
def test_other_origins_are_let_in_from_an_explicit_list(client: Client) -> None:
    with override_settings(CORS_ALLOWED_ORIGINS=["https://app.example"]):
        known = client.options(
            "/api/v1/me/",
            headers={
                "Origin": "https://app.example",
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization,idempotency-key",
            },
        )
        assert known["Access-Control-Allow-Origin"] == "https://app.example"
        assert "idempotency-key" in known["Access-Control-Allow-Headers"]
        unknown = client.get("/api/v1/me/", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in unknown


def test_documentation_needs_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page and "cdn" not in page
    assert "<script>" not in page
    assert client.get("/api/schema/").status_code == 200
