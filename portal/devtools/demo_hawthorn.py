"""Hawthorn Barn: a venue in the Cotswolds with two places to marry in. Pounds, VAT inside, a day kept free to clear up."""

from decimal import Decimal

from portal.devtools.demo_accounts import HAWTHORN as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage

_TERMS = """\
Booking. A quarter of the price holds your dates. It is not returned if you cancel, because nobody else can have them.

The rest is due 60 days before you arrive. Prices include VAT at 20 %.

The days. You have the place from 10 o’clock on the first morning until 11 o’clock on the last evening. The day after \
is kept free for clearing up, so you may leave your glasses where they are.

Moving your dates. Up to 120 days before, once, to any dates that are free.

Music stops at midnight in the barn and at 10 o’clock in the garden: the owls and our neighbours were here first.

Candles are welcome, in glass. Confetti is welcome, if it was once a petal.
"""

HAWTHORN = DemoBusiness(
    fields={
        "slug": "hawthorn-barn",
        "name": "Hawthorn Barn",
        "tagline": "A barn, a walled garden, and nobody else’s wedding",
        "intro": (
            "A threshing barn from 1743 and a walled garden full of old roses, at the end of a lane near Burford. When"
            " you are here, the gate is shut behind you and the whole place is yours."
        ),
        "timezone": "Europe/London",
        "currency": "GBP",
        "locale": "en_GB",
        "tax_mode": "inclusive",
        "tax_label": "VAT",
        "deposit_percent": 25,
        "balance_due_days": 60,
        "commission_percent": Decimal("2.50"),
        "contact_email": "gate@hawthorn-barn.example",
        "contact_phone": "+44 1993 555 018",
        "address": "Hawthorn Lane, Burford, Oxfordshire OX18 4HB",
        "terms": _TERMS,
        "brand_color": "#4E6B4A",
        "hero_alt": "The great barn at dusk, its doors open and the lamps lit",
    },
    tax_rate_bp="2000",
    accounts=ACCOUNTS,
    hero="hawthorn-hero",
    resources=("The Great Barn", "The Walled Garden"),
    packages=(
        DemoPackage(
            slug="barn-weekend",
            name="A Weekend in the Great Barn",
            summary="Three days: set the tables on Friday, marry on Saturday, eat what is left on Sunday.",
            description=(
                "Friday is for ladders, jam jars and the friend who knows about lights. Saturday is the wedding: up to"
                " 140 people at long tables under oak beams, the doors open to the orchard. Sunday is for walking it"
                " off.\n\nBring your own caterer or use one of the three who know the kitchen. There are nine bedrooms in"
                " the farmhouse and a field for tents. The Monday after is ours, to sweep."
            ),
            included=(
                "The Great Barn and the orchard for three days",
                "The farmhouse with nine bedrooms, two nights",
                "Tables, oak benches and white china for 140",
                "A kitchen with two ranges and a cold room",
                "Rosalind or Tom on the place at all times",
                "Parking in the top field",
            ),
            cents=980_000,
            pictures=("hawthorn-barn", "hawthorn-beams", "hawthorn-tables", "hawthorn-orchard"),
            days=3,
            buffer_days=1,
            max_guests=140,
        ),
        DemoPackage(
            slug="barn-day",
            name="One Day in the Great Barn",
            summary="From ten in the morning until midnight, with the doors open to the orchard.",
            description=(
                "Everything about the barn except the sleeping. You come in the morning with flowers and crates, marry"
                " at three, and dance until the clock on the stable strikes.\n\nTaxis find us, even at midnight; we have"
                " taught them."
            ),
            included=(
                "The Great Barn and the orchard from 10 to midnight",
                "A room to dress in, with a good mirror",
                "Tables, oak benches and white china for 140",
                "A kitchen with two ranges and a cold room",
            ),
            cents=560_000,
            pictures=("hawthorn-beams", "hawthorn-tables", "hawthorn-barn"),
            buffer_days=1,
            max_guests=140,
        ),
        DemoPackage(
            slug="garden-wedding",
            name="The Garden Wedding",
            summary="Two days among old roses, with a glass house for when it rains.",
            description=(
                "The walled garden holds the warmth until ten at night. You marry under the mulberry tree, eat along"
                " the south wall, and if the weather has other ideas the Victorian glass house seats everybody.\n\nThe"
                " first day is for setting up without hurry; the second one is yours from breakfast to the last lantern."
            ),
            included=(
                "The walled garden and the glass house for two days",
                "Seats and tables for 80, indoors and out",
                "Flowers cut from the borders for your tables",
                "Lanterns in every tree",
            ),
            cents=490_000,
            pictures=("hawthorn-garden", "hawthorn-glasshouse", "hawthorn-roses"),
            days=2,
            buffer_days=1,
            max_guests=80,
            resource=1,
        ),
        DemoPackage(
            slug="garden-vows",
            name="Vows in the Garden",
            summary="A quiet afternoon for up to forty people: a ceremony, tea, and the long shadow of the mulberry.",
            description=(
                "Not every wedding needs a night. Come at noon, marry at two, have cake and something cold on the lawn,"
                " and be in the pub by seven.\n\nThe registrar from Witney knows the way."
            ),
            included=(
                "The walled garden from noon to seven",
                "Forty chairs and a table for signing",
                "Tea, scones and elderflower for everybody",
            ),
            cents=195_000,
            pictures=("hawthorn-roses", "hawthorn-garden"),
            max_guests=40,
            resource=1,
        ),
        DemoPackage(
            slug="winter-house-party",
            name="The Winter House Party",
            summary="Four days in the cold months: fires, fog, sixty people and one very long table.",
            description=(
                "From November to March the barn is small and warm. We close off the far bays, light both stoves, and"
                " lay one table for sixty down the middle.\n\nArrive for soup on the first evening, marry when the frost"
                " has gone, stay for two breakfasts. Bring boots."
            ),
            included=(
                "The Great Barn, two stoves lit, for four days",
                "The farmhouse with nine bedrooms, three nights",
                "One table for sixty, with linen and candles",
                "Logs, blankets and a great deal of soup",
            ),
            cents=1_240_000,
            pictures=("hawthorn-winter", "hawthorn-stove", "hawthorn-beams"),
            days=4,
            buffer_days=1,
            max_guests=60,
        ),
    ),
    add_ons=(
        DemoAddOn("Candles and festoon lights", "Two hundred candles in glass and lights along every beam. We light them; you look up.", 48_000),
        DemoAddOn("Fire pit and blankets", "For the hour when the talking gets good.", 16_500),
        DemoAddOn("Bell tent", "Canvas, carpets, two real beds and a jug of water. For the field.", 18_000, 12, ("barn-weekend", "garden-wedding")),
        DemoAddOn("Breakfast the morning after", "Bacon, mushrooms, proper coffee. Per guest.", 1_850, 140, ("barn-weekend", "garden-wedding", "winter-house-party")),
        DemoAddOn("The Burford string quartet", "Two hours, from Purcell to whatever you danced to in 1999.", 74_000),
        DemoAddOn("Late bar", "Until two in the morning, staffed and licensed. In the barn only.", 62_000, 1, ("barn-weekend", "barn-day", "winter-house-party")),
    ),
    blackouts=(
        DemoBlackout(-45, 6, "New roof on the west bay"),
        DemoBlackout(26, 3, "Village harvest supper"),
        DemoBlackout(75, 12, "Closed over Christmas and New Year"),
        DemoBlackout(75, 30, "The garden sleeps", resource=1),
        DemoBlackout(190, 2, "Open gardens for the hospice", resource=1),
    ),
)  # fmt: skip
