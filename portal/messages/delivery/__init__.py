"""How mails leave: Postmark, SMTP, or files where neither is set. One channel per process, chosen by the settings."""

from portal.messages.delivery.channel import (
    AddressRefusedError,
    Channel,
    NotSentError,
    RefusedError,
    UnknownOutcomeError,
)
from portal.messages.delivery.file import FileChannel
from portal.messages.delivery.postmark import PostmarkChannel
from portal.messages.delivery.smtp import SmtpChannel
from portal.settings import Settings, SettingsError

__all__ = [
    "AddressRefusedError",
    "Channel",
    "FileChannel",
    "NotSentError",
    "RefusedError",
    "UnknownOutcomeError",
    "channel_for",
    "current",
    "install",
]

_installed: list[Channel] = []


def channel_for(settings: Settings) -> Channel:
    """The channel that an installation's settings name. Raises SettingsError."""
    if settings.postmark_server_token:
        chosen = settings.postmark
        return PostmarkChannel(
            settings.postmark_server_token,
            base=chosen.api_base,
            stream=chosen.stream,
            broadcast_stream=chosen.broadcast_stream,
        )
    if settings.smtp_url:
        try:
            return SmtpChannel(settings.smtp_url)
        except ValueError as error:
            raise SettingsError(f"Aisle cannot start:\n- {error}") from error
    return FileChannel(settings.var_dir / "mail")


def install(channel: Channel) -> None:
    """Send this process's mails through a channel."""
    _installed[:] = [channel]


def current() -> Channel:
    """The channel of this process."""
    if not _installed:
        msg = "no mail channel was installed: connect() does it"
        raise RuntimeError(msg)
    return _installed[0]
