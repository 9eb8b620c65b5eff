"""The host's admin, which can search its accounts."""

from django.contrib import admin

from solo.models import Account


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts."""

    list_display = search_fields = ("email", "called")
