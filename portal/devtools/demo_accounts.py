"""Who can log in to the demo data: one password for all, which ``make run`` prints. None of it exists in production."""

from dataclasses import dataclass

PASSWORD = "rice-and-petals"  # noqa: S105  written on the wall on purpose
PLATFORM_ADMIN = "admin@aisle.example"


@dataclass(frozen=True)
class Account:
    """A person of a demo business."""

    email: str
    name: str
    role: str


BELLA = (
    Account("bella@example.com", "Isabella Marino", "owner"),
    Account("june@example.com", "June Okafor", "staff"),
)
HAWTHORN = (
    Account("rosalind@example.com", "Rosalind Hale", "owner"),
    Account("tom@example.com", "Tom Pryce", "staff"),
    Account("books@example.com", "Anwen Lloyd", "viewer"),
)
LUMIERE = (Account("camille@example.com", "Camille Aubry", "owner"),)
OWNERS = (BELLA[0].email, HAWTHORN[0].email, LUMIERE[0].email)
