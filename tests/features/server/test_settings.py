"""Settings from the environment: nothing set works, and what is half set is named."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from carillon.server import checks
from carillon.server.settings import environment
from tests.support.covers import covers
from tests.support.server import Server

_READ = ("DATABASE_URL", "SECRET_KEY", "CARILLON_DATA", "WEB_CONCURRENCY", "DB_POOL_MAX", "DB_TRANSACTION_POOLING")
_READ_OF_MAIL = ("EMAIL_URL", "SENDGRID_API_KEY", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")
_READ_OF_REDIS = ("REDIS_URL", "USE_REDIS", "REDIS_HOST", "REDIS_PORT", "REDIS_TLS_VERIFY")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_READ, *_READ_OF_REDIS, *_READ_OF_MAIL):
        monkeypatch.delenv(name, raising=False)


def test_a_secret_key_is_made_once_and_kept_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50 and environment.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "given")
    assert environment.secret_key(tmp_path) == "given"


@covers("000-40", "000-41")
def test_without_a_database_url_sqlite_is_used_as_it_must_be(tmp_path: Path) -> None:
    found = environment.database(tmp_path)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == str(tmp_path / "carillon.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE" and found["OPTIONS"]["timeout"] == 5
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]


def test_postgresql_gets_a_pool_whose_connections_are_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@db.example:5433/carillon?sslmode=require")
    monkeypatch.setenv("DB_POOL_MAX", "5")
    found = environment.database(tmp_path)
    assert (found["HOST"], found["PORT"], found["NAME"], found["CONN_MAX_AGE"]) == ("db.example", 5433, "carillon", 0)
    assert found["OPTIONS"]["sslmode"] == "require" and found["OPTIONS"]["pool"]["max_size"] == 5
    assert not found["DISABLE_SERVER_SIDE_CURSORS"]
    monkeypatch.setenv("DB_TRANSACTION_POOLING", "1")
    assert environment.database(tmp_path)["DISABLE_SERVER_SIDE_CURSORS"]


def test_several_processes_on_sqlite_or_without_a_broker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.half_set(1, "sqlite", is_deaf=True) == checks.half_set(4, "postgresql", is_deaf=False) == []
    assert [found.id for found in checks.half_set(2, "sqlite", is_deaf=False)] == ["carillon.W020"]
    assert [found.id for found in checks.half_set(2, "postgresql", is_deaf=True)] == ["carillon.W021"]
    assert checks.processes() == 1 and checks.check_processes() == []
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert checks.processes() == 4 and checks.check_processes()


@covers("000-38", "000-39", "000-40", "004-06")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ""),
        ({"REDIS_HOST": "cache", "REDIS_PORT": "6380"}, ""),
        ({"USE_REDIS": "0", "REDIS_HOST": "cache"}, ""),
        ({"USE_REDIS": "true"}, "redis://127.0.0.1:6379/0"),
        ({"USE_REDIS": "1", "REDIS_HOST": "cache", "REDIS_PORT": "6380"}, "redis://cache:6380/0"),
        ({"REDIS_URL": "redis://a:1/2", "USE_REDIS": "1", "REDIS_HOST": "cache"}, "redis://a:1/2"),
        ({"REDIS_URL": "rediss://:secret@a:1"}, "rediss://:secret@a:1"),
        ({"REDIS_URL": "rediss://a:1", "REDIS_TLS_VERIFY": "0"}, "rediss://a:1?ssl_cert_reqs=none"),
    ],
)
def test_redis_by_its_address_or_its_parts(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert environment.redis_url() == expected


@covers("001-33", "001-34")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("localhost", 25, "", "", False)),
        ({"EMAIL_HOST": "mail.example", "EMAIL_PORT": "2525"}, ("mail.example", 2525, "", "", False)),
        ({"SENDGRID_API_KEY": "SG.x"}, ("smtp.sendgrid.net", 587, "apikey", "SG.x", True)),
        (
            {"EMAIL_URL": "smtp+tls://me:p%40ss@mail.example:587", "SENDGRID_API_KEY": "SG.x"},
            ("mail.example", 587, "me", "p@ss", True),
        ),
    ],
)
def test_mail_by_its_address_its_parts_or_sendgrid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: tuple[object, ...]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = environment.mail(tmp_path, is_demo=False)
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS")
    assert tuple(found[name] for name in names) == expected and found["EMAIL_TIMEOUT"] == 20
    in_demo = environment.mail(tmp_path, is_demo=True)
    assert in_demo == (found if given else in_demo)
    assert ("filebased" in in_demo.get("EMAIL_BACKEND", "")) is (not given)


def test_mail_by_an_address_of_no_known_kind_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "pigeon://roof")
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        environment.mail(tmp_path, is_demo=False)


def test_https_without_a_trusted_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert checks.check_proxy() == []
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert [found.id for found in checks.check_proxy()] == ["carillon.W024"]
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.1")
        assert checks.check_proxy() == []


def test_a_generated_secret_is_named_before_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [found.id for found in checks.check_secret()] == ["carillon.W022"]
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    assert checks.check_secret() == []


@pytest.mark.django_db
def test_accounts_left_over_from_a_demonstration_are_named() -> None:
    get_user_model().objects.create_user("alice", password="alice")
    get_user_model().objects.create_user("bruno", password="something else")
    assert checks.check_demo_accounts(["default"]) == []
    with override_settings(DEMO=False, DEBUG=False):
        (found,) = checks.check_demo_accounts(["default"])
        assert found.id == "carillon.W023" and "alice" in found.msg and "bruno" not in found.msg
        assert checks.check_demo_accounts() == []


@covers("004-41")
@pytest.mark.serial
def test_deploy_checks_find_nothing_in_a_full_configuration(tmp_path: Path) -> None:
    server = Server(
        tmp_path,
        CARILLON_DEMO="",
        SECRET_KEY="k" * 40 + "0123456789abcdefghij",
        PUBLIC_URL="https://carillon.example",
        SECURE_HSTS_SECONDS="31536000",
        FORWARDED_ALLOW_IPS="127.0.0.1",
    )
    said = server.carillon("check", "--deploy")
    unexpected = [line for line in said.splitlines() if "W0" in line and "W005" not in line and "W021" not in line]
    assert unexpected == [], said
    plain = (
        "from django.test import Client; print(Client().get('/api/v1/me/', HTTP_HOST='carillon.example')['Location'])"
    )
    assert "https://carillon.example/api/v1/me/" in server.carillon("shell", "-v0", "-c", plain)


@pytest.mark.serial
def test_demo_accounts_are_only_made_where_they_are_wanted(tmp_path: Path) -> None:
    server = Server(tmp_path, CARILLON_DEMO="")
    server.carillon("migrate", "--verbosity", "0")
    with pytest.raises(AssertionError, match="CARILLON_DEMO=1"):
        server.carillon("demo")
    assert os.listdir(tmp_path)
