"""The admin of notifications: inboxes, sending with a preview, kinds, fan-outs, deliveries, the brake's log (REQUIREMENTS 001-15).

Whatever is added, changed or deleted here goes through the actions, and rings.
"""

from __future__ import annotations

from carillon.notifications.admin.deliveries import DeliveryAdmin, OptOutAdmin
from carillon.notifications.admin.entries import NotificationAdmin
from carillon.notifications.admin.inboxes import InboxAdmin
from carillon.notifications.admin.records import BrakeRecordAdmin, FanoutAdmin

__all__ = ["BrakeRecordAdmin", "DeliveryAdmin", "FanoutAdmin", "InboxAdmin", "NotificationAdmin", "OptOutAdmin"]
