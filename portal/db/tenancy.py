"""The one door to work that crosses tenants.

Inside ``platform_scope`` the transaction runs as the role ``aisle_platform``, whose policy sees every row. Code in it
finds ids; what it then does for a tenant it does in a transaction bound to that tenant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from portal.db import database
from portal.db.pool import carry


@contextmanager
def platform_scope(*, reason: str) -> Iterator[None]:
    """Take the platform's role within the open transaction; ``reason`` says to the reader why it must be."""
    assert reason  # noqa: S101
    scope = database.current_scope()
    if scope.is_platform:
        yield
        return
    carry("SELECT set_config('role', 'aisle_platform', true)")
    scope.is_platform = True
    try:
        yield
    finally:
        scope.is_platform = False
        carry("SELECT set_config('role', 'none', true)")


def bind(tenant_id: UUID) -> None:
    """Bind a tenant to an open transaction that has none yet (the request has just found out whose it is)."""
    scope = database.current_scope()
    if scope.tenant_id not in {None, tenant_id}:
        msg = "a transaction is bound to one tenant from its start"
        raise RuntimeError(msg)
    carry(f"SELECT set_config('app.tenant_id', '{UUID(str(tenant_id))}', true)")
    scope.tenant_id = tenant_id
