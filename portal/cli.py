"""What an operator types: ``flask --app app …``. Each command calls one function of a room and prints what came of it.

An expected error is one plain line and code 1, never a traceback.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Never, ParamSpec, TypeVar, cast
from uuid import UUID

import click
import psycopg2
import structlog
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from portal import settings
from portal.catalog import service as catalog
from portal.db import database, outbox_desk
from portal.db.migrate import MigrationError, migrate
from portal.identity import accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid, NotFound, PortalError
from portal.kernel.text import N_
from portal.lifecycle import reconcile
from portal.payments import kept_events
from portal.promises import checker
from portal.promises.violations import Violation
from portal.settings import SettingsError
from portal.tenants.rules import TenantFields
from portal.web.application import Application
from portal.web.visits import Visits

_P = ParamSpec("_P")
_R = TypeVar("_R")

tenant = AppGroup("tenant", help="Businesses.")
user = AppGroup("user", help="People who log in.")
outbox = AppGroup("outbox", help="What is owed to the outside world.")
webhook = AppGroup("webhook", help="What Stripe told us and is not handled.")
demo = AppGroup("demo", help="Demo data; refused in production.")


def plainly(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Tell an expected error in a line."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return command(*args, **kwargs)
        except Invalid as error:
            raise click.ClickException(
                "\n".join([str(error), *(f"  {n}: {e}" for n, e in error.fields.items())])
            ) from None
        except (PortalError, SettingsError, MigrationError, psycopg2.OperationalError) as error:
            raise click.ClickException(str(error).strip()) from None

    return run


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


@outbox.command("list")
@click.option("--status", type=click.Choice(["due", "leased", "dead"]))
@click.option("--limit", default=100, show_default=True)
@plainly
def list_outbox(status: str | None, limit: int) -> None:
    """What is not done: dead first, then the longest due."""
    found = outbox_desk.unfinished(status=status, limit=limit)
    for row in found:
        click.echo(
            f"{row.id}  {row.status:<6}  {row.kind:<24}  {row.tenant or '-':<20}  due {_shown(row.due_at)}"
            f"  attempts {row.attempts}  {row.last_error}".rstrip()
        )
    click.echo(f"{len(found)} not done." if found else "Nothing is owed.")


@outbox.command("retry")
@click.argument("effect_id", type=click.UUID, required=False)
@click.option("--all-dead", is_flag=True, help="every dead one")
@plainly
def retry_outbox(effect_id: UUID | None, *, all_dead: bool) -> None:
    """Make an effect due now."""
    if (effect_id is None) == (not all_dead):
        raise click.UsageError("Name one effect, or say --all-dead.")
    if effect_id:
        outbox_desk.retry(effect_id, at=time.now())
    count = 1 if effect_id else outbox_desk.retry_dead(at=time.now())
    click.echo(f"{count} due now.")


@webhook.command("list")
@click.option("--limit", default=100, show_default=True)
@plainly
def list_webhooks(limit: int) -> None:
    """Events that are not handled, the latest first."""
    found = kept_events.unfinished(limit=limit)
    for event in found:
        click.echo(
            f"{event.id}  {event.status.value:<7}  {event.type:<36}  {event.event_id}"
            f"  received {_shown(event.received_at)}  {event.last_error}".rstrip()
        )
    click.echo(f"{len(found)} not handled." if found else "Every event is handled.")


@webhook.command("retry")
@click.argument("row_id", type=click.UUID)
@plainly
def retry_webhook(row_id: UUID) -> None:
    """Handle a failed or dead event once more."""
    kept_events.retry(row_id)
    click.echo("It is handled as soon as a worker has time.")


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


COMMANDS = (migrate_command, tenant, user, outbox, webhook, reconcile_command, demo, check_command)


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


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
