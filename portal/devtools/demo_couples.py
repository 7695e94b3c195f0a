"""The couples of the demo data, and how far each of them got. Days are counted from the day of loading."""

from dataclasses import dataclass, field
from enum import StrEnum


class Story(StrEnum):
    """How far a booking got."""

    HELD = "held"  # the couple is paying right now
    KEPT = "kept"  # the date is kept without paying
    PROCESSING = "processing"  # the bank takes its time
    EXPIRED = "expired"  # nobody paid
    BOOKED = "booked"  # what was due at booking was paid
    MOVED = "moved"  # and the couple has moved its date since
    PAID = "paid"  # the rest was paid, too
    COMPLETED = "completed"  # all paid, and the day has passed
    CANCELLED = "cancelled"  # by the business, and the money given back
    GIVEN_UP = "given_up"  # by the couple, under its terms
    CANCELLING = "cancelling"  # by the couple, within the time to undo it
    REVIEW = "review"  # the amount that came is not the one that was asked for


@dataclass(frozen=True)
class DemoCouple:
    """A booking: who, what, when, and its story."""

    names: tuple[str, str]
    package: str
    event_in: int
    booked_ago: int
    story: Story
    venue: str
    guests: int | None = None
    add_ons: dict[str, int] = field(default_factory=dict)
    notes: str = ""
    pays_in_full: bool = False
    has_second_email: bool = False
    reason: str = ""  # of a cancellation


_BELLA = (
    DemoCouple(
        ("Amelia Hart", "Jonah Weiss"), "full-day-story", -96, 340, Story.COMPLETED, "Wave Hill, Bronx", 120,
        {"Linen album": 1, "Album for the parents": 2}, "Jonah’s grandmother walks with a stick; please wait for her.",
        has_second_email=True,
    ),
    DemoCouple(
        ("Priya Raman", "Owen Castellano"), "half-day", -40, 250, Story.COMPLETED,
        "Prospect Park Boathouse", 90,
    ),
    DemoCouple(
        ("Marisol Vega", "Ruth Lindqvist"), "intimate-elopement", -12, 60, Story.COMPLETED, "City Hall, Manhattan", 8,
        {"One more hour": 1}, pays_in_full=True,
    ),
    DemoCouple(
        ("Hannah Brooks", "Daniel Osei"), "full-day-story", 16, 210, Story.PAID, "The Foundry, Long Island City", 140,
        {"Super 8 film": 1}, "First look on the roof, if it is dry.", has_second_email=True,
    ),
    DemoCouple(
        ("Claire Donnelly", "Sam Nakamura"), "half-day", 24, 150, Story.BOOKED,
        "Liberty Warehouse, Red Hook", 80,
    ),
    DemoCouple(
        ("Zoe Abrams", "Mateo Rossi"), "full-day-story", 118, 95, Story.MOVED, "Brooklyn Botanic Garden", 160,
        {"Linen album": 2, "One more hour": 2}, "Two dogs will carry the rings. They have practised.",
    ),
    DemoCouple(
        ("Nora Sullivan", "Theo Grant"), "weekend-story", 208, 40, Story.BOOKED, "Blenheim Hill Farm, Hobart", 110,
        {"Super 8 film": 1}, has_second_email=True,
    ),
    DemoCouple(
        ("Imani Cole", "Luca Ferraro"), "engagement-session", 9, 6, Story.BOOKED, "Prospect Park, the long meadow", 2,
    ),
    DemoCouple(
        ("Grace Whitfield", "Ana Duarte"), "half-day", 300, 12, Story.BOOKED,
        "The Bell House", 100, pays_in_full=True,
    ),
    DemoCouple(("Ella Park", "Victor Hughes"), "full-day-story", 152, 3, Story.EXPIRED, "Still looking", 130),
    DemoCouple(
        ("Josie Keller", "Ben Ashworth"), "half-day", 88, 130, Story.CANCELLED, "The Green Building, Gowanus", 70,
        notes="We have moved to Lisbon.",
        reason="Lisbon is far from Brooklyn, so we give you everything back. Be happy there.",
    ),
    DemoCouple(
        ("Vivian Lowe", "Marcus Hale"), "half-day", 251, 120, Story.GIVEN_UP, "Deity, Boerum Hill", 75,
        reason="We are waiting another year. It is the right thing, and a hard one.",
    ),
    DemoCouple(  # on the date that was given up
        ("Ines Carvalho", "Peter Novak"), "half-day", 251, 26, Story.BOOKED, "Housing Works, Crosby Street", 85,
    ),
    DemoCouple(("Tess Monroe", "Arjun Mehta"), "full-day-story", 190, 5, Story.REVIEW, "Weylin, Williamsburg", 150),
    DemoCouple(("Lily Chambers", "Noah Feldman"), "half-day", 132, 1, Story.PROCESSING, "The Dumbo Loft", 95),
    DemoCouple(("Maya Thornton", "Elias Berg"), "intimate-elopement", 61, 0, Story.HELD, "City Hall, Brooklyn", 6),
)  # fmt: skip

_HAWTHORN = (
    DemoCouple(
        ("Beatrice Langley", "Harry Moss"), "three-day-celebration", -75, 400, Story.COMPLETED, "", 130,
        {"Late bar": 1, "The Burford string quartet": 1}, "Harry’s band plays on the second night. Sorry in advance.",
        has_second_email=True,
    ),
    DemoCouple(
        ("Eleanor Price", "Callum Reid"), "garden-ceremony", -58, 220, Story.COMPLETED,
        "", 60, {"Fire pit and blankets": 1},
    ),
    DemoCouple(("Sophie Carter", "Will Ashdown"), "barn-weekend", -20, 300, Story.COMPLETED, "", 120, {"Bell tent": 6}),
    DemoCouple(
        ("Freya Holt", "Jack Sinclair"), "barn-day", 31, 260, Story.PAID, "", 110,
        {"Candles and festoon lights": 1, "Late bar": 1}, has_second_email=True,
    ),
    DemoCouple(
        ("Poppy Marsh", "Isla Grey"), "midweek-gathering", 46, 170, Story.BOOKED,
        "", 36, notes="Everybody is vegetarian but one uncle.",
    ),
    DemoCouple(
        ("Charlotte Webb", "Oliver Nash"), "barn-weekend", 160, 110, Story.BOOKED, "", 140,
        {"Bell tent": 10, "Breakfast for one more": 12},
    ),
    DemoCouple(("Rose Fairfax", "Thomas Iqbal"), "garden-ceremony", 175, 90, Story.BOOKED, "", 75, pays_in_full=True),
    DemoCouple(
        ("Martha Doyle", "Edward Finch"), "three-day-celebration", 230, 60, Story.BOOKED,
        "", 125, {"Late bar": 1},
    ),
    DemoCouple(
        ("Alice Penrose", "George Tully"), "barn-day", 140, 45, Story.CANCELLING, "", 100, pays_in_full=True,
        reason="We marry in the registry office after all, just the two of us.",
    ),
    DemoCouple(("Daisy Kemp", "Ravi Nair"), "barn-weekend", 205, 2, Story.EXPIRED, "", 120),
    DemoCouple(
        ("Nell Hastings", "Rory Blake"), "barn-day", 268, 2, Story.KEPT, "", 90,
        notes="We bring our parents on Sunday to see it.", has_second_email=True,
    ),
    DemoCouple(("Lucy Harding", "Adam Frost"), "garden-ceremony", 128, 0, Story.HELD, "", 50),
)  # fmt: skip

_LUMIERE = (
    DemoCouple(
        ("Léa Fontaine", "Hugo Mercier"), "journee-complete", -64, 280, Story.COMPLETED,
        "Pavillon de Musique, Louveciennes", 90, {"Cent bougies de plus": 2, "Album relié": 1},
        "La grand-mère de Léa est allergique au lys.", has_second_email=True,
    ),
    DemoCouple(
        ("Chloé Marchand", "Inès Delmas"), "fleurs-essentielles", -31, 90, Story.COMPLETED,
        "Mairie du 9e", None, {"Boutonnière": 4},
    ),
    DemoCouple(
        ("Jeanne Rousseau", "Paul Lemoine"), "reportage-lumiere", -9, 120, Story.COMPLETED,
        "Mairie du 11e, puis les quais", 60,
    ),
    DemoCouple(
        ("Manon Girard", "Antoine Keller"), "film-de-mariage", 52, 140, Story.BOOKED, "Domaine de Quincampoix", 130,
        {"Une heure de plus": 2}, has_second_email=True,
    ),
    DemoCouple(
        ("Alice Perrin", "Karim Benali"), "journee-complete", 143, 75, Story.BOOKED,
        "Château de Villiers-le-Mahieu", 95, {"Album relié": 2},
    ),
    DemoCouple(
        ("Camille Laurent", "Zoé Petit"), "fleurs-essentielles", 38, 20, Story.BOOKED, "Mairie du 18e", None,
        {"Couronne de fleurs": 3, "Le bouquet sous cloche": 1}, "Des anémones, si c’est possible.",
    ),
    DemoCouple(("Louise Bernard", "Émile Caron"), "reportage-lumiere", 170, 15, Story.BOOKED, "Île Saint-Louis", 40),
    DemoCouple(
        ("Margaux Simon", "Victor Olivier"), "journee-complete", 95, 110, Story.CANCELLED,
        "La Ferme du Buisson", 80,
        reason="La ferme a fermé ses portes ; nous vous rendons tout, avec nos vœux.",
    ),
    DemoCouple(("Sarah Leroy", "Nicolas Faure"), "film-de-mariage", 190, 4, Story.EXPIRED, "À trouver", 110),
    DemoCouple(("Clara Dubois", "Malik Traoré"), "reportage-lumiere", 115, 0, Story.HELD, "Mairie du 20e", 50),
)  # fmt: skip

COUPLES: dict[str, tuple[DemoCouple, ...]] = {
    "bella-weddings": _BELLA,
    "hawthorn-barn": _HAWTHORN,
    "atelier-lumiere": _LUMIERE,
}
