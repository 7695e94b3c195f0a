"""A mailroom of each test's own."""

from tests.support.mailroom import mail_folder

__all__ = ["mail_folder"]
