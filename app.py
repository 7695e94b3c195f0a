"""The web application as gunicorn and the flask command load it. Nothing imports it."""

import os
import sys
from importlib import import_module
from uuid import UUID

from portal.db.outbox import install_doorbell
from portal.factory import create_app, refuse_powerful_role
from portal.settings import Settings, SettingsError

# gunicorn gives up on this code instead of starting a process that will refuse again and again.
_CANNOT_BOOT = 3

try:
    app = create_app(Settings.from_env(os.environ))
    # The flask command has work to do before there is a role or a table; its other commands ask for themselves.
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
        refuse_powerful_role()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(_CANNOT_BOOT)


def ring(effect_id: UUID) -> None:
    """The tasks are loaded when the first effect is due: a third of the time that a start would take."""
    import_module("tasks.relay").ring(effect_id)


install_doorbell(ring)
