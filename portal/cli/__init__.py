"""What an operator types: ``flask --app app …``. Each command calls one function of a room and prints what came of it.

An expected error is one plain line and code 1, never a traceback.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Never, cast
from uuid import UUID

import click
import structlog
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from portal import settings
from portal.catalog import service as catalog
from portal.cli.desk import message, outbox, webhook
from portal.cli.plain import plainly
from portal.cli.secrets import secrets
from portal.db import database
from portal.db.migrate import migrate
from portal.identity import accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.lifecycle import reconcile
from portal.promises import checker
from portal.promises.violations import Violation
from portal.settings import SettingsError
from portal.tenants.rules import TenantFields
from portal.web.application import Application
from portal.web.visits import Visits

tenant = AppGroup("tenant", help="Businesses.")
user = AppGroup("user", help="People who log in.")
demo = AppGroup("demo", help="Demo data; refused in production.")


@click.command("migrate")
@with_appcontext
@plainly
def migrate_command() -> None:
    """Bring the database up to this code; needs DATABASE_OWNER_URL."""
    chosen = settings.current()
    if not chosen.database_owner_url:
        raise SettingsError("DATABASE_OWNER_URL must be set: the role that owns the tables")
    applied = migrate(chosen.database_owner_url, chosen.database_url)
    click.echo("\n".join(f"applied {name}" for name in applied) or "The database is up to date.")


@tenant.command("create")
@click.argument("slug")
@click.option("--name", prompt=True)
@click.option("--timezone", prompt=True, help="such as Europe/Paris")
@click.option("--currency", prompt=True, help="such as EUR")
@click.option("--locale", prompt=True, help="such as fr_FR")
@click.option("--contact-email", prompt=True)
@click.option("--tax-mode", type=click.Choice(["none", "inclusive", "exclusive"]), default="none", show_default=True)
@click.option("--deposit-percent", type=click.IntRange(1, 99), help="none: the whole price is due at booking")
@click.option("--balance-due-days", type=int, default=30, show_default=True)
@click.option("--commission-percent", default="0", show_default=True)
@click.option("--stripe-account", help="acct_…; none: charged on the platform's own account")
@click.option(
    "--resource", "resources", multiple=True, default=("Calendar",), show_default=True, help="once per calendar"
)
@plainly
def create_tenant(
    slug: str, commission_percent: str, stripe_account: str | None, resources: tuple[str, ...], **fields: object
) -> None:
    """Open a business with its calendars."""
    given: TenantFields = {**fields, "slug": slug, "stripe_account_id": stripe_account}  # type: ignore[typeddict-item]
    given["commission_percent"] = _decimal(commission_percent)
    catalog.open_tenant(at=time.now(), resources=resources, **given)
    click.echo(f"Opened {settings.current().base_url}/t/{slug}/")


@user.command("create")
@click.argument("email")
@click.option("--name", default="", help="asked for when the account is new")
@click.option("--tenant", "slug", help="the business they work for")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="owner", show_default=True)
@click.option("--platform-admin", is_flag=True)
@click.option("--password-stdin", is_flag=True, help="read the password from standard input instead of asking")
@plainly
def create_user(
    email: str, name: str, slug: str | None, role: str, *, platform_admin: bool, password_stdin: bool
) -> None:
    """Make an account, and a member of a business; an account that is there just becomes a member."""
    tenant_id = _tenant_id(slug) if slug else None
    user_id = accounts.user_id_by_email(email)
    at = time.now()
    if user_id is None:
        user_id = accounts.create_user(
            email=email,
            name=name or click.prompt("Name"),
            password=_password(is_piped=password_stdin),
            is_platform_admin=platform_admin,
            at=at,
        )
        click.echo(f"Made an account for {email}.")
    if tenant_id:
        accounts.add_member(tenant_id, user_id=user_id, role=Role(role), at=at)
        click.echo(f"{email} is now {role} of {slug}.")
    click.echo(f"They log in at {settings.current().base_url}/login")


@click.command("reconcile")
@with_appcontext
@plainly
def reconcile_command() -> None:
    """Ask Stripe about everything that hangs in the air, as the worker does every five minutes."""
    report = reconcile.reconcile(time.now())
    click.echo(
        f"{report.attempts} attempts to pay and {report.refunds} refunds looked at,"
        f" {report.missed_events} missed events brought in, {report.troubles} troubles."
    )
    if report.troubles:
        sys.exit(1)


@demo.command("load")
@plainly
def load_demo() -> None:
    """Make the demo businesses that are not there yet."""
    from portal.devtools import demo as data  # noqa: PLC0415  its pictures and texts are of no use to a server

    data.load(settings.current())
    click.echo("The demo data is there.")


@demo.command("reset")
@plainly
def reset_demo() -> None:
    """Empty the development database and make the demo businesses again."""
    from portal.devtools import demo as data  # noqa: PLC0415  as above

    data.reset(settings.current())
    click.echo("The demo data is new.")


@click.command("check")
@click.argument("promises", nargs=-1)
@with_appcontext
@plainly
def check_command(promises: tuple[str, ...]) -> None:
    """Prove the promises on the rows that are there (all, or those that are named)."""
    app = cast("Application", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    checks = checker.checks(app, Visits(app))
    if unknown := set(promises) - set(checks):
        raise click.UsageError(f"No such promise: {', '.join(sorted(unknown))}. There are {', '.join(checks)}.")
    with _unlogged(app):
        broken = [name for name in promises or checks if not _told(name, checks[name](time.now()))]
    if checker.QUIET & set(broken) and (owed := checker.owed(time.now())):
        click.echo(f"{owed} effects are still owed: once a worker has carried them out, check again.")
    if broken:
        sys.exit(1)


def _told(name: str, violations: list[Violation]) -> bool:
    """Print what a check found; whether the promise holds."""
    click.echo(f"{name:<4} {'holds' if not violations else f'is broken {len(violations)} times'}")
    for violation in violations:
        click.echo(f"     {violation}")
    return not violations


@contextmanager
def _unlogged(app: Application) -> Iterator[None]:
    """Requests that the checker makes are no news."""
    before = app.extensions["request_log"]
    app.extensions["request_log"] = structlog.wrap_logger(None, processors=[_drop])
    try:
        yield
    finally:
        app.extensions["request_log"] = before


def _drop(_: object, __: str, ___: object) -> Never:
    raise structlog.DropEvent


COMMANDS = (migrate_command, tenant, user, outbox, message, webhook, secrets, reconcile_command, demo, check_command)


def _tenant_id(slug: str) -> UUID:
    with database.reading_by("tenant_id_by_slug", slug) as scope:
        if scope.tenant_id is None:
            raise NotFound(N_("There is no business called %(slug)s."), slug=slug)
        return scope.tenant_id


def _password(*, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.BadParameter(f"{text} is no percentage.") from None
