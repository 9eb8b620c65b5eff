"""People work in hosts that have no simplejwt, and in hosts whose user has a UUID key and no names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOST = """
import sys, uuid
WITHOUT_JWT = sys.argv[1] == "without"
if WITHOUT_JWT:
    sys.modules["rest_framework_simplejwt"] = None
import django
from django.conf import settings
classes = ["rest_framework.authentication.SessionAuthentication"]
settings.configure(
    SECRET_KEY="k" * 50, ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], USE_TZ=True, AUTH_USER_MODEL="house.Member",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[2], "ATOMIC_REQUESTS": True,
                           "OPTIONS": {"transaction_mode": "IMMEDIATE"}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "house",
                    "carillon.jobs", "carillon.realtime", "carillon.people"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES":
                    classes if WITHOUT_JWT else ["carillon.people.tokens.JWTAuthentication", *classes]},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import include, path
from house.models import Member
urlpatterns = [path("deep/prefix/", include("carillon.people.urls"))]
call_command("migrate", verbosity=0, run_syncdb=True)
member = Member.objects.create_user("m@example.org", "a long password 1")
client = Client()
if WITHOUT_JWT:
    client.force_login(member)
    headers = {}
    assert client.post("/deep/prefix/auth/login/", {}, "application/json").status_code == 404
else:
    body = {"username": "m@example.org", "password": "a long password 1"}
    answer = client.post("/deep/prefix/auth/login/", body, "application/json")
    assert answer.status_code == 200, answer.content
    assert answer.cookies["carillon_refresh"]["path"] == "/deep/prefix/auth/"
    answer = client.post("/deep/prefix/auth/refresh/")
    headers = {"Authorization": "Bearer " + answer.json()["access"]}
me = client.get("/deep/prefix/me/", headers=headers).json()
# The user name of this host is an e-mail address: others are not shown it as one.
face = {"id": str(member.pk), "name": "m@example.org", "role": "", "avatar": "", "username": ""}
assert me["person"] == face, me
assert me["username"] == "m@example.org"
answer = client.patch("/deep/prefix/me/", {"name": "M"}, "application/json", headers=headers)
assert answer.json()["person"]["name"] == "M", answer.content
ticket = client.post("/deep/prefix/auth/ticket/", headers=headers).json()["ticket"]
from carillon.people.stamps import stamps_of
from carillon.realtime import log
from carillon.realtime.identity import Credential, Handshake, verifier_of
from carillon.realtime.topic import user_topic
handshake = Handshake(path="/ws/", headers={}, client="127.0.0.1")
identity = verifier_of("ticket")(Credential("ticket", ticket), handshake)
assert identity.person == str(member.pk) and stamps_of([identity.person]) == {identity.person: identity.stamp}
before = {principal for principal in identity.principals if principal.startswith("session:")}
assert client.post("/deep/prefix/auth/logout/", headers=headers).status_code == 204
events = log.read(user_topic(member.pk), 0, 10).events
assert [event.type for event in events] == ["profile.updated", "session.ended"], events
assert set(events[-1].revokes) == before, (events[-1].revokes, before)
assert client.get("/deep/prefix/me/", headers=headers).status_code == 401
print("well")
"""

MODELS = """
import uuid
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

class Members(BaseUserManager):
    def create_user(self, email, password):
        user = self.model(email=email)
        user.set_password(password)
        user.save()
        return user

class Member(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.CharField(max_length=100, unique=True)
    USERNAME_FIELD = "email"
    objects = Members()
"""


@pytest.mark.serial
@pytest.mark.parametrize("jwt", ["with", "without"])
def test_people_in_another_host(jwt: str, tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").touch()
    (tmp_path / "house" / "models.py").write_text(MODELS)
    (tmp_path / "host.py").write_text(HOST)
    done = subprocess.run(
        [sys.executable, "host.py", jwt, "host.sqlite3"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "well\n", done.stdout + done.stderr
