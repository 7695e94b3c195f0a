"""Bella Weddings: a photographer in the Hudson Valley. Dollars, sales tax on top, half now and half a month before."""

from decimal import Decimal

from portal.devtools.demo_accounts import BELLA as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage

_TERMS = """\
Booking. Your date is yours when the deposit has arrived. The deposit is half of the price; it keeps the date free of \
every other wedding and is not given back if you cancel.

The rest. The other half is due 30 days before your wedding. You can pay it from the link in your confirmation.

Moving your date. Tell us at least 60 days ahead and we move your booking to any date that is free, once, at no cost.

If we cannot come. Illness and accidents happen. We then send a photographer whose work you know and like, or give \
you back everything you paid.

Your photographs. You may print and share them as you wish. We may show them in our portfolio; if you would rather we \
did not, one line to us is enough.
"""

BELLA = DemoBusiness(
    fields={
        "slug": "bella-weddings",
        "name": "Bella Weddings",
        "tagline": "Photographs that still feel like the day",
        "intro": (
            "We are Bella and June, two photographers from Beacon, New York. We work quietly, stay close to the people"
            " and not the schedule, and give you pictures that smell of cut grass and sound like your uncle laughing."
        ),
        "timezone": "America/New_York",
        "currency": "USD",
        "locale": "en_US",
        "tax_mode": "exclusive",
        "tax_label": "sales tax",
        "deposit_percent": 50,
        "balance_due_days": 30,
        "commission_percent": Decimal("3.00"),
        "contact_email": "hello@bella-weddings.example",
        "contact_phone": "+1 845 555 0142",
        "address": "214 Main Street, Beacon, NY 12508",
        "terms": _TERMS,
        "brand_color": "#8C5A5F",
        "hero_alt": "Two people under an arch of late summer branches, the light behind them",
    },
    tax_rate_bp="887.5",
    accounts=ACCOUNTS,
    hero="bella-hero",
    resources=("Bella’s calendar",),
    packages=(
        DemoPackage(
            slug="city-hall",
            name="City Hall and a Long Walk",
            summary="Three hours, two rings, one subway ride. For the smallest weddings and the best stories.",
            description=(
                "We meet on the steps, wait with you for your number, and stand close enough to hear the vows over the"
                " hum of the lights. Afterwards we walk: over the bridge, through the flower market, to the diner where"
                " you had your first date.\n\nThere is no list of poses. We know the corners where the light is kind at"
                " eleven in the morning, and we leave room for the stranger who shouts congratulations from a truck."
            ),
            included=(
                "Three hours with Bella or June",
                "About 150 edited photographs",
                "A private gallery to share and download, for ten years",
                "Ten prints on cotton paper, in a linen envelope",
            ),
            cents=165_000,
            pictures=("bella-city-hall", "bella-walk"),
            max_guests=20,
        ),
        DemoPackage(
            slug="half-day",
            name="The Half Day",
            summary="Six hours, from the last button to the first dance.",
            description=(
                "Most of what you will want to remember happens in six hours: the door before it opens, the walk, the"
                " promise, the hug in the receiving line that goes on too long, the toast, the first dance.\n\nWe arrive"
                " when you are nearly ready and leave when the band is warm."
            ),
            included=(
                "Six hours with Bella",
                "About 350 edited photographs",
                "A timeline made together, a month before",
                "A private gallery for ten years",
            ),
            cents=320_000,
            pictures=("bella-half-day", "bella-dance", "bella-rings"),
            max_guests=120,
        ),
        DemoPackage(
            slug="whole-day",
            name="The Whole Day",
            summary="Ten hours, two photographers: the morning nerves, the vows, the last song.",
            description=(
                "One of us is with each of you in the morning. One of us sees the face at the end of the aisle while the"
                " other sees your mother’s. In the evening we stay until the shoes come off.\n\nThis is the package most"
                " couples take, and the one we would take ourselves. The gallery arrives within five weeks; twenty"
                " pictures arrive the next morning, so that you can read the day again over coffee."
            ),
            included=(
                "Ten hours with Bella and June",
                "About 700 edited photographs",
                "Twenty pictures the next morning",
                "A walk through your venue beforehand",
                "A private gallery for ten years",
                "A box of fifty prints",
            ),
            cents=580_000,
            pictures=("bella-whole-day", "bella-morning", "bella-table", "bella-dance"),
            max_guests=250,
        ),
        DemoPackage(
            slug="on-film",
            name="The Whole Day on Film",
            summary="Medium format, forty rolls, scanned by hand. Slower, softer, and never quite repeatable.",
            description=(
                "Film asks everybody to wait for a breath, and the pictures show it. We shoot Portra in two old"
                " Hasselblads and a Contax, and the lab in Poughkeepsie scans every frame by hand.\n\nYou get fewer"
                " photographs than with The Whole Day, and you will keep more of them."
            ),
            included=(
                "Ten hours with Bella and June",
                "Forty rolls of medium format and 35 mm film",
                "About 450 scans, colour and black and white",
                "Contact sheets on fibre paper",
                "Your negatives, in archival sleeves",
            ),
            cents=790_000,
            pictures=("bella-film", "bella-contact", "bella-morning"),
            max_guests=180,
        ),
        DemoPackage(
            slug="the-weekend",
            name="The Weekend",
            summary="Three days upstate: Friday’s supper, Saturday’s wedding, Sunday’s goodbye by the lake.",
            description=(
                "Some weddings are too long for a day. We come on Friday when the tables go out and leave on Sunday when"
                " the last car turns onto the road, and in between we are simply there.\n\nThe result reads like a small"
                " novel: chapters, weather, people who enter late and matter most. The day after, we drive home and"
                " keep it free."
            ),
            included=(
                "Three days with Bella and June",
                "About 1,200 edited photographs",
                "A portrait of every guest who wants one",
                "A linen album, thirty spreads",
                "Travel and lodging within 150 miles of Beacon",
            ),
            cents=980_000,
            pictures=("bella-weekend", "bella-lake", "bella-table"),
            days=3,
            buffer_days=1,
            max_guests=200,
        ),
    ),
    add_ons=(
        DemoAddOn("Second photographer", "Two views of every moment, for the packages that come with one.", 85_000, 1, ("city-hall", "half-day")),
        DemoAddOn("One more hour", "When the party is too good to leave.", 38_000, 4, ("city-hall", "half-day", "whole-day", "on-film")),
        DemoAddOn("Linen album", "Thirty spreads, sewn and bound in Vermont. Choose your linen later.", 78_000, 2),
        DemoAddOn("Album for the parents", "The same book, smaller.", 32_000, 4),
        DemoAddOn("Engagement walk", "Two hours together in the season before, so that the camera is an old friend by then.", 65_000),
        DemoAddOn("Super 8 film", "Three minutes of moving pictures, silent and grainy, with a song of your choice.", 95_000, 1, ("whole-day", "on-film", "the-weekend")),
    ),
    blackouts=(
        DemoBlackout(-60, 12, "Portugal, finally"),
        DemoBlackout(18, 5, "Family in New Jersey"),
        DemoBlackout(97, 9, "Winter break"),
        DemoBlackout(212, 1, "June’s own wedding"),
    ),
)  # fmt: skip
