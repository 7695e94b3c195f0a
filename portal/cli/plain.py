"""How a command speaks: an expected error is one plain line and code 1, never a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import psycopg2

from portal.db.migrate import MigrationError
from portal.kernel.errors import Invalid, PortalError
from portal.settings import SettingsError

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
