"""The page on which a connected account's owner finishes the set-up: one button instead of Stripe's questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template

from portal.devtools.stripe_emulator.engine.onboarding import finish
from portal.devtools.stripe_emulator.pages.guard import guarded, not_found
from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World

_SEE_OTHER = 303


def onboarding_pages(world: World) -> Blueprint:
    """The blueprint with the set-up page."""
    pages = Blueprint("onboarding", __name__)

    def load(token: str) -> Doc | None:
        return Scope(world).find("account_link", f"link_{token}")

    def is_over(link: Doc) -> bool:
        return bool(link["_is_used"]) or bool(link["expires_at"] <= world.clock.now())

    @pages.get("/setup/<token>")
    def show(token: str) -> ResponseReturnValue:
        link = load(token)
        if link is None:
            return not_found()
        if is_over(link):
            return redirect(link["_refresh_url"], _SEE_OTHER) if link["_refresh_url"] else not_found()
        account = Scope(world).get("account", link["_account"])
        return guarded(make_response(render_template("setup.html", account=account)), link["_return_url"])

    @pages.post("/setup/<token>")
    def submit(token: str) -> ResponseReturnValue:
        link = load(token)
        if link is None or is_over(link):
            return not_found()
        Scope(world).save(link | {"_is_used": True})
        finish(world, link["_account"])
        return redirect(link["_return_url"] or world.base_url, _SEE_OTHER)

    return pages
