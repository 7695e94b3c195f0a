"""What a member may do in a tenant."""

from enum import StrEnum


class Role(StrEnum):
    """A member's role, from the most to the least allowed."""

    OWNER = "owner"
    STAFF = "staff"
    VIEWER = "viewer"

    @property
    def may_change(self) -> bool:
        """Whether the role may change dates and bookings; a viewer only looks."""
        return self is not Role.VIEWER

    @property
    def may_decide(self) -> bool:
        """Whether the role may set what the business promises: terms, and later prices."""
        return self is Role.OWNER
