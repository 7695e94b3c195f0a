"""Connected accounts: born unable to take money, able once their owner has finished the onboarding page."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.scope import PLATFORM, Scope

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World

_LINK_LIFETIME = 5 * 60
_PLATFORM_SETTING = "platform_account"
_DUE = ["business_profile.url", "external_account", "tos_acceptance.date"]
_CAPABILITIES = ("card_payments", "transfers")


def new_account(scope: Scope, given: Doc, account_id: str = "") -> Doc:
    """An account with these fields that still has to be onboarded."""
    return {
        "id": account_id or new_id("acct_1"),
        "object": "account",
        "business_profile": {"name": None, "url": None, "support_email": None} | given.get("business_profile", {}),
        "business_type": given.get("business_type"),
        "capabilities": dict.fromkeys(_CAPABILITIES, "inactive"),
        "charges_enabled": False,
        "controller": {"is_controller": True, "type": "application"} | given.get("controller", {}),
        "country": given.get("country", "US"),
        "created": scope.now(),
        "default_currency": given.get("default_currency", "usd"),
        "details_submitted": False,
        "email": given.get("email"),
        "metadata": given.get("metadata", {}),
        "payouts_enabled": False,
        "requirements": _requirements(_DUE),
        "settings": given.get("settings", {}),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": given.get("type", "none"),
    }


def finish(world: World, account_id: str) -> Doc:
    """The owner has filled in everything: the account can take money."""
    with world.store.transaction():
        platform = Scope(world)
        account = platform.get("account", account_id)
        account |= {
            "charges_enabled": True,
            "payouts_enabled": True,
            "details_submitted": True,
            "capabilities": dict.fromkeys(_CAPABILITIES, "active"),
            "requirements": _requirements([]),
        }
        platform.save(account)
        platform.elsewhere(account_id).emit("account.updated", account)
        return account


def platform_account(scope: Scope) -> Doc:
    """The account behind the secret key. It is not among those it has connected."""
    store = scope.world.store
    account_id = store.read_setting(_PLATFORM_SETTING)
    if account_id is None:
        account_id = new_id("acct_1")
        store.write_setting(_PLATFORM_SETTING, account_id)
    account = new_account(scope, {"business_profile": {"name": "Platform"}}, account_id)
    return account | {"charges_enabled": True, "payouts_enabled": True, "details_submitted": True, "type": "standard"}


def new_link(scope: Scope, account: Doc, given: Doc) -> Doc:
    """A link to the onboarding page: for one visit within five minutes."""
    token = new_id("")
    link: Doc = {
        "id": f"link_{token}",
        "object": "account_link",
        "created": scope.now(),
        "expires_at": scope.now() + _LINK_LIFETIME,
        "url": f"{scope.world.base_url}/setup/{token}",
        "_account": account["id"],
        "_return_url": given.get("return_url", ""),
        "_refresh_url": given.get("refresh_url", ""),
        "_is_used": False,
    }
    scope.elsewhere(PLATFORM).save(link)
    shown = copy.copy(link)
    del shown["id"]
    return shown


def _requirements(due: list[str]) -> Doc:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }
