"""What businesses entrust to us, encrypted anew: ``secrets``."""

import sys

import click
from flask.cli import AppGroup

from portal import settings
from portal.calendars import resealing
from portal.cli.plain import plainly

secrets = AppGroup("secrets", help="What is kept encrypted.")


@secrets.command("rotate")
@plainly
def rotate() -> None:
    """Encrypt everything anew with the first key of SECRETS_KEY; ends with 1 when something cannot be read."""
    told = resealing.reseal()
    click.echo(f"{told.done} encrypted anew with the key “{settings.current().secrets_ring.newest}”.")
    for connection_id in told.unreadable:
        click.echo(f"calendar connection {connection_id}: no key of SECRETS_KEY opens it; its owner must connect again")
    if told.unreadable:
        sys.exit(1)
