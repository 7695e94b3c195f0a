"""Hawthorn Barn: a venue in the Cotswolds with two places to marry in. Pounds, VAT inside, a day after to clear up."""

from decimal import Decimal

from portal.bookings.policy.cancellation import Kept
from portal.devtools.demo_accounts import HAWTHORN as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage, one_free_move, tiers

_TERMS = """\
Booking. A quarter of the price holds your dates. It is not returned if you cancel, because nobody else can have them.

The rest is due 60 days before you arrive. Prices include VAT at 20 %.

The days. You have the place from ten o’clock on the first morning until eleven o’clock on the last evening. The day \
after is kept free for clearing up, so you may leave your glasses where they are.

Moving your dates. Up to 120 days before, once, to any dates that are free.

Music stops at midnight in the barn and at ten o’clock in the orchard: the owls and our neighbours were here first.

Candles are welcome, in glass. Confetti is welcome, if it was once a petal.
"""
_BARN = ("barn-day", "barn-weekend", "three-day-celebration")

HAWTHORN = DemoBusiness(
    fields={
        "slug": "hawthorn-barn",
        "name": "Hawthorn Barn",
        "tagline": "A barn, an orchard, and nobody else’s wedding",
        "intro": (
            "A threshing barn from 1743 and an orchard of old apple trees, at the end of a lane near Burford. When you"
            " are here, the gate is shut behind you and the whole place is yours."
        ),
        "timezone": "Europe/London",
        "currency": "GBP",
        "locale": "en_GB",
        "tax_mode": "inclusive",
        "tax_label": "VAT",
        "deposit_percent": 25,
        "balance_due_days": 60,
        "undo_minutes": 1440,
        "courtesy_days": 7,
        "commission_percent": Decimal("2.50"),
        "contact_email": "gate@hawthorn-barn.example",
        "contact_phone": "+44 1993 555 018",
        "address": "Hawthorn Lane, Burford, Oxfordshire",
        "terms": _TERMS,
        "brand_color": "#4E6B4A",
    },
    tax_rate_bp="2000",
    accounts=ACCOUNTS,
    resources=("The Great Barn", "The Orchard"),
    packages=(
        DemoPackage(
            slug="barn-day",
            name="One Day in the Great Barn",
            summary="From ten in the morning until midnight, with the great doors open to the meadow.",
            description=(
                "You come in the morning with flowers and crates, marry at three, eat at long tables under oak beams,"
                " and dance until the clock on the stable strikes.\n\nTaxis find us, even at midnight; we have taught"
                " them. The day after is ours, to sweep."
            ),
            included=(
                "The Great Barn and the meadow, from ten to midnight",
                "A room to dress in, with a good mirror",
                "Tables, oak benches and white china for 140",
                "A kitchen with two ranges and a cold room",
                "Rosalind or Tom on the place at all times",
            ),
            cents=560_000,
            pictures=("great-barn", "inside-the-barn", "winter-at-the-barn"),
            buffer_days=1,
            max_guests=140,
        ),
        DemoPackage(
            slug="barn-weekend",
            name="A Weekend in the Great Barn",
            summary="Two days: the wedding, and the long breakfast in the field that everybody remembers.",
            description=(
                "The first day is the wedding. The second one begins with bacon and bad hair at a table in the field,"
                " and ends when the last cousin has found his other shoe.\n\nThere are nine bedrooms in the farmhouse,"
                " and a field for tents. Bring your own caterer, or use one of the three who know the kitchen."
            ),
            included=(
                "The Great Barn and the meadow for two days",
                "The farmhouse with nine bedrooms, for the night between",
                "Tables, oak benches and white china for 140",
                "Breakfast for everybody who stayed",
                "A kitchen with two ranges and a cold room",
            ),
            cents=880_000,
            pictures=("barn-weekend", "great-barn", "inside-the-barn"),
            days=2,
            buffer_days=1,
            max_guests=140,
        ),
        DemoPackage(
            slug="three-day-celebration",
            name="The Three-Day Celebration",
            summary="Tents in the meadow, a fire in the middle, and three days without a clock.",
            description=(
                "Day one is for ladders, jam jars and the friend who knows about lights. Day two is the wedding. Day"
                " three is for walking it off, and for the stories you missed.\n\nTwenty bell tents stand around the"
                " fire, each with real beds and a jug of water. Bring boots, and somebody who can play the guitar."
            ),
            included=(
                "Everything here for three days: barn, farmhouse, meadow",
                "Twenty bell tents with beds for forty",
                "Wood for the fire, blankets for all",
                "Two breakfasts and one very large soup",
                "Rosalind and Tom, day and night",
            ),
            cents=1_450_000,
            pictures=("three-day-celebration", "barn-weekend", "great-barn", "inside-the-barn"),
            cancellation=tiers((180, 100), (120, 50), (90, 25), kept=Kept.DEPOSIT, add_ons_days=14),
            days=3,
            buffer_days=1,
            max_guests=140,
        ),
        DemoPackage(
            slug="garden-ceremony",
            name="Vows in the Orchard",
            summary="An afternoon among apple trees for up to eighty: an arch, an aisle, tea on the grass.",
            description=(
                "In May the petals fall by themselves. You come at noon, marry at two under the arch that Tom builds"
                " from whatever is in flower, and stay on the grass until the shadows reach the wall.\n\nIf it rains,"
                " the cider house holds everybody. The registrar from Witney knows the way."
            ),
            included=(
                "The orchard from noon until eight",
                "Eighty chairs, an arch in flower, a table for signing",
                "Tea, scones and elderflower for everybody",
                "The cider house, in case of rain",
            ),
            cents=245_000,
            pictures=("orchard-ceremony", "hawthorn-blossom"),
            max_guests=80,
            resource=1,
        ),
        DemoPackage(
            slug="midweek-gathering",
            name="The Midweek Gathering",
            summary="Forty people, one table, the old oak and its lanterns. Two unhurried days.",
            description=(
                "The smallest wedding we do, and the one with the longest dinner. The first day is yours to lay the"
                " table and hang what you brought; on the second one you marry, sit down, and do not get up until the"
                " lanterns have burned out.\n\nThe oak is older than the barn. It has seen a few of these."
            ),
            included=(
                "The orchard and the oak for two days",
                "One table for forty, with linen and candles",
                "Sixty lanterns, lit at dusk",
                "Dinner in four courses from the farm next door",
            ),
            cents=390_000,
            pictures=("midweek-gathering", "orchard-ceremony", "hawthorn-blossom"),
            days=2,
            buffer_days=1,
            max_guests=40,
            resource=1,
        ),
    ),
    add_ons=(
        DemoAddOn(
            "Candles and festoon lights",
            "Two hundred candles in glass, and lights along every beam. We light them; you look up.",
            48_000,
        ),
        DemoAddOn("Fire pit and blankets", "For the hour when the talking gets good.", 16_500),
        DemoAddOn("Bell tent", "Canvas, carpets, two real beds. In the meadow.", 18_000, 12, ("barn-weekend",)),
        DemoAddOn("Breakfast for one more", "Bacon, mushrooms, proper coffee.", 1_850, 100, _BARN[1:]),
        DemoAddOn("The Burford string quartet", "Two hours, from Purcell to whatever you danced to in 1999.", 74_000),
        DemoAddOn("Late bar", "Until two in the morning, staffed and licensed.", 62_000, 1, _BARN),
    ),
    cancellation=tiers((120, 100), (60, 50), kept=Kept.DEPOSIT, add_ons_days=14),
    moving=one_free_move(120),
    blackouts=(
        DemoBlackout(-45, 6, "New roof on the west bay"),
        DemoBlackout((10, 2), 3, "Village harvest supper"),
        DemoBlackout((12, 22), 12, "Closed over Christmas and New Year"),
        DemoBlackout((12, 15), 45, "The orchard sleeps", resource=1),
        DemoBlackout((6, 18), 2, "Open garden for the hospice", resource=1),
    ),
)
