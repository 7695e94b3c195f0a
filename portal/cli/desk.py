"""What is owed, failed or not handled, and once more, please: ``outbox``, ``message`` and ``webhook``."""

from datetime import datetime
from uuid import UUID

import click
from flask.cli import AppGroup

from portal.cli.plain import plainly
from portal.db import outbox_desk
from portal.kernel import time
from portal.messages import failed
from portal.payments import kept_events

outbox = AppGroup("outbox", help="What is owed to the outside world.")
message = AppGroup("message", help="Mails that failed.")
webhook = AppGroup("webhook", help="What Stripe and Postmark told us and is not handled.")


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


@message.command("list")
@click.option("--limit", default=100, show_default=True)
@plainly
def list_messages(limit: int) -> None:
    """Mails that failed and are not tried again by themselves, the latest first."""
    found = failed.listed(limit=limit)
    for row in found:
        click.echo(
            f"{row.id}  {row.kind:<20}  {row.tenant:<20}  {row.about or '-':<9}  {row.recipient}"
            f"  owed {_shown(row.created_at)}  {row.failure}".rstrip()
        )
    click.echo(f"{len(found)} failed." if found else "No message has failed.")


@message.command("retry")
@click.argument("message_id", type=click.UUID)
@plainly
def retry_message(message_id: UUID) -> None:
    """Send a failed mail once more, if what it says is still so."""
    failed.retry_any(message_id, at=time.now())
    click.echo("It leaves as soon as a worker has time.")


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


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
