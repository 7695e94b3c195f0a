"""The web application as gunicorn and the flask command load it. Nothing imports it."""

import os

from portal.db.outbox import install_doorbell
from portal.factory import create_app
from portal.settings import Settings
from tasks.relay import ring

app = create_app(Settings.from_env(os.environ))
install_doorbell(ring)
