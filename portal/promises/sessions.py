"""What the payment provider says of a session, for promises about dates that are kept as long as they can be paid."""

from datetime import timedelta

from portal.payments.gateway import NotThere, Session
from portal.promises.provider import Provider, Silent

GRACE = timedelta(minutes=5)


def session_of(provider: Provider, session_id: str, account: str | None) -> Session | None:
    """A session as it is; None when there is none, or when nobody can say."""
    try:
        return provider.ask(account, lambda stripe: stripe.fetch_session(session_id, account=account))
    except (NotThere, Silent):
        return None


def may_bring_money(session: Session | None) -> bool:
    """Whether it is open, or complete and still waiting for a bank or for somebody to pay a voucher."""
    if session is None:
        return False
    is_waiting = session.intent is not None and session.intent.status in {"processing", "requires_action"}
    return session.status == "open" or (session.status == "complete" and is_waiting)
