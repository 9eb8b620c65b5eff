"""The host's users."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class Accounts(BaseUserManager["Account"]):
    """Makes accounts from an e-mail address."""

    def create_superuser(self, email: str, password: str | None = None, **columns: Any) -> "Account":
        """An account that may do everything."""
        account = self.model(email=self.normalize_email(email), is_staff=True, is_superuser=True, **columns)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """A user: neither a `username` nor an integer anywhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    called = models.CharField(max_length=80, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects = Accounts()
    USERNAME_FIELD = EMAIL_FIELD = "email"

    def get_full_name(self) -> str:
        """What people call them."""
        return self.called
