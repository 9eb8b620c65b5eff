"""The page of one person's inbox: counters beside a recount, the notifications with their state, and what staff may do to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from carillon.errors import CarillonError
from carillon.notifications import actions
from carillon.notifications.admin.base import may, page
from carillon.notifications.admin.people import name_of
from carillon.notifications.admin.sending import language_name
from carillon.notifications.models import BrakeRecord, Fanout, FanoutBatch, Inbox, Notification, StagedChange
from carillon.people.queries import person_of, preferences_of

PAGE = 50
# More open batches than this are not searched for one person.
_MOST_BATCHES = 1000


@dataclass(frozen=True)
class View:
    """A part of someone's notifications, as a tab."""

    name: str
    label: Promise
    wanted: Q


VIEWS = (
    View("", _("Everything"), Q()),
    View("unread", _("Unread"), Q(number__isnull=False, is_read=False, archived_at=None, snoozed_until=None)),
    View("archived", _("Archived"), Q(archived_at__isnull=False)),
    View("snoozed", _("Snoozed"), Q(snoozed_until__isnull=False)),
    View("pending", _("Pending"), Q(announced_at=None)),
)


@dataclass(frozen=True)
class Command:
    """What staff may do to selected notifications, and the permission that it takes."""

    label: Promise
    permission: str
    act: Callable[[Any, Sequence[str]], object]


COMMANDS = {
    "read": Command(_("Mark read"), "change_notification", actions.mark_read),
    "unread": Command(_("Mark unread"), "change_notification", actions.mark_unread),
    "archive": Command(_("Archive"), "change_notification", actions.archive),
    "unarchive": Command(_("Back into the inbox"), "change_notification", actions.unarchive),
    "delete": Command(_("Delete"), "delete_notification", actions.delete),
}


class PersonPage:
    """One request for the page of one person."""

    def __init__(self, holder: Any, request: HttpRequest, user: Any) -> None:
        self.holder, self.request, self.user = holder, request, user
        self.rows = Notification.objects.filter(user=user.pk)

    def respond(self) -> HttpResponse:
        """Show it, or do what was asked and show it again."""
        if self.request.method != "POST":
            return self._show()
        if "_correct" in self.request.POST:
            return self._correct()
        command = COMMANDS.get(self.request.POST.get("action", ""))
        if command is None or not may(self.request, command.permission):
            raise PermissionDenied
        return self._act(command)

    def _show(self) -> HttpResponse:
        chosen = next((view for view in VIEWS if view.name == self.request.GET.get("view", "")), VIEWS[0])
        counted = self.rows.aggregate(
            **{
                f"n{index}": Count("pk", filter=view.wanted) if view.name else Count("pk")
                for index, view in enumerate(VIEWS)
            }
        )
        tabs = [(view, counted[f"n{index}"], view is chosen) for index, view in enumerate(VIEWS)]
        found = self.rows.filter(chosen.wanted).select_related("actor__carillon_profile")
        pages = Paginator(found, PAGE)
        shown = pages.get_page(self.request.GET.get("p"))
        return page(
            self.request,
            self.holder,
            "person.html",
            gettext("The inbox of %s") % name_of(self.user),
            person=person_of(self.user),
            user_of_inbox=self.user,
            language=language_name(preferences_of(self.user).language),
            time_zone=preferences_of(self.user).time_zone,
            tabs=tabs,
            chosen=chosen,
            shown=shown,
            pages=pages.get_elided_page_range(shown.number),
            commands=[(name, command) for name, command in COMMANDS.items() if may(self.request, command.permission)],
            may_correct=may(self.request, "change_inbox"),
            may_send=may(self.request, "add_notification"),
            now=timezone.now(),
            **self._figures(),
        )

    def _figures(self) -> dict[str, Any]:
        inbox, unread, unseen = self._counters()
        held = BrakeRecord.objects.filter(user=self.user.pk, minute__gt=timezone.now() - dt.timedelta(days=1))
        return {
            "inbox": inbox,
            "counters": (
                (_("Unread"), inbox.unread, unread, inbox.unread != unread),
                (_("Unseen"), inbox.unseen, unseen, inbox.unseen != unseen),
            ),
            "has_drifted": (inbox.unread, inbox.unseen) != (unread, unseen),
            "staged": StagedChange.objects.filter(user=self.user.pk).count(),
            "held": held.aggregate(n=Sum("held"))["n"] or 0,
            "fanouts": self._open_fanouts(),
        }

    def _counters(self) -> tuple[Inbox, int, int]:
        """The stored counters and a recount, of one moment as far as three attempts bring it."""
        for _attempt in range(3):
            inbox = Inbox.objects.filter(pk=self.user.pk).first() or Inbox(pk=self.user.pk)
            found = self.rows.in_inbox().aggregate(
                unread=Count("pk", filter=Q(is_read=False)), unseen=Count("pk", filter=Q(seen_at=None))
            )
            if not Inbox.objects.filter(pk=self.user.pk, version__gt=inbox.version).exists():
                break
        return inbox, found["unread"], found["unseen"]

    def _open_fanouts(self) -> list[Fanout]:
        """The fan-outs that have yet to reach this person."""
        key = str(self.user.pk)
        batches = FanoutBatch.objects.select_related("fanout").order_by("pk")[:_MOST_BATCHES]
        return list({batch.fanout_id: batch.fanout for batch in batches if key in batch.recipients}.values())

    def _correct(self) -> HttpResponse:
        if not may(self.request, "change_inbox"):
            raise PermissionDenied
        try:
            has_drifted = actions.correct(self.user.pk)
        except CarillonError as error:
            self._tell(gettext(error.message), messages.ERROR)
        else:
            self._tell(gettext("The counters were corrected.") if has_drifted else gettext("The counters are right."))
            if has_drifted:
                self._log("counters corrected")
        return self._back()

    def _act(self, command: Command) -> HttpResponse:
        ids = self.request.POST.getlist("ids")[:100]
        chosen = list(self.rows.filter(pk__in=ids))
        if not chosen:
            self._tell(gettext("Select notifications first."), messages.WARNING)
            return self._back()
        if command is COMMANDS["delete"] and "confirmed" not in self.request.POST:
            title = gettext("Delete these notifications?")
            return page(
                self.request,
                self.holder,
                "delete.html",
                title,
                chosen=chosen,
                name=name_of(self.user),
                user_of_inbox=self.user,
            )
        try:
            command.act(self.user.pk, [row.pk for row in chosen])
        except CarillonError as error:
            self._tell(gettext(error.message), messages.ERROR)
        else:
            count = len(chosen)
            done = ngettext(
                "%(what)s: done for %(count)s notification.", "%(what)s: done for %(count)s notifications.", count
            )
            self._tell(done % {"count": count, "what": command.label})
            self._log(f"{self.request.POST['action']}: {', '.join(row.pk for row in chosen)}")
        return self._back()

    def _tell(self, text: str, level: int = messages.SUCCESS) -> None:
        self.holder.message_user(self.request, text, level)

    def _log(self, what: str) -> None:
        """Keep in the admin's history who did this to someone's inbox."""
        inbox = Inbox.objects.filter(pk=self.user.pk).first() or Inbox(pk=self.user.pk)
        self.holder.log_change(self.request, inbox, what)

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(self.request.get_full_path())
