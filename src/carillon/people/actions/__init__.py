"""Every write about people: accounts and their sign-ins, service keys, and who a service means by its own ids."""

from __future__ import annotations

from carillon.people.actions.accounts import (
    CHANGEABLE,
    DJANGO_PREFIX,
    REFRESH_GRACE,
    SIGN_IN_PREFIX,
    change_password,
    deactivate,
    end_sign_in,
    forget_sign_ins,
    forget_tickets,
    issue_ticket,
    live_sign_ins,
    redeem_ticket,
    rotate_refresh,
    sign_in,
    sign_out,
    sign_out_everywhere,
    update_profile,
)
from carillon.people.actions.keys import checked_key, create_key, digest_of, revoke_key, touch_key
from carillon.people.actions.mapping import Wishes, check_external_id, mapping_of, put_person, unmap_person

__all__ = [
    "CHANGEABLE",
    "DJANGO_PREFIX",
    "REFRESH_GRACE",
    "SIGN_IN_PREFIX",
    "Wishes",
    "change_password",
    "check_external_id",
    "checked_key",
    "create_key",
    "deactivate",
    "digest_of",
    "end_sign_in",
    "forget_sign_ins",
    "forget_tickets",
    "issue_ticket",
    "live_sign_ins",
    "mapping_of",
    "put_person",
    "redeem_ticket",
    "revoke_key",
    "rotate_refresh",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "touch_key",
    "unmap_person",
    "update_profile",
]
