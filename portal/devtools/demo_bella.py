"""Bella Weddings: photographers in Brooklyn. Dollars, sales tax on top, half now and half a month before."""

from decimal import Decimal

from portal.bookings.policy.cancellation import Kept
from portal.devtools.demo_accounts import BELLA as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage, one_free_move, tiers

_TERMS = """\
Booking. Your date is yours when the deposit has arrived. The deposit is half of the price. It keeps the date free of \
every other wedding, and it is not given back if you cancel. Only when others then book your date do four tenths of it \
come back to you.

The rest. The other half is due 30 days before your wedding. You can pay it from the link in your confirmation.

Moving your date. Tell us at least 60 days ahead and we move your booking to any date that is free, once, at no cost.

If we cannot come. Illness and accidents happen. We then send a photographer whose work you know and like, or give \
you back everything you paid.

Your photographs. You may print and share them as you wish. We may show them in our portfolio; if you would rather \
we did not, one line to us is enough.
"""
_HOURS = ("intimate-elopement", "half-day", "full-day-story")

BELLA = DemoBusiness(
    fields={
        "slug": "bella-weddings",
        "name": "Bella Weddings",
        "tagline": "Photographs that still feel like the day",
        "intro": (
            "We are Bella and June, two photographers from Brooklyn. We work quietly, stay close to the people and not"
            " to the schedule, and bring you pictures in which you can almost hear your uncle laughing."
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
        "contact_phone": "+1 718 555 0142",
        "address": "88 Bergen Street, Brooklyn, New York",
        "terms": _TERMS,
        "brand_color": "#8C5A5F",
    },
    tax_rate_bp="887.5",
    accounts=ACCOUNTS,
    resources=("Bella’s calendar",),
    packages=(
        DemoPackage(
            slug="intimate-elopement",
            name="The Rooftop Elopement",
            summary="Three hours, two rings, one subway ride. For the smallest weddings and the best stories.",
            description=(
                "We meet on the steps of City Hall, wait with you for your number, and stand close enough to hear the"
                " vows over the hum of the lights. Afterwards we walk: over the bridge, through the flower market, up"
                " to a roof in Dumbo where the evening arrives all at once.\n\nThere is no list of poses. We know the"
                " corners where the light is kind, and we leave room for the stranger who shouts congratulations from"
                " a passing truck."
            ),
            included=(
                "Three hours with Bella or June",
                "About 150 edited photographs",
                "A private gallery to share and download, for ten years",
                "Ten prints on cotton paper, in a linen envelope",
            ),
            cents=165_000,
            pictures=("intimate-elopement", "rings-and-ribbon", "camera-and-peonies"),
            max_guests=20,
        ),
        DemoPackage(
            slug="engagement-session",
            name="The Engagement Walk",
            summary="Two hours in the park, in the season before, so that the camera is an old friend by then.",
            description=(
                "Nobody is at ease in front of a lens for the first twenty minutes. We would rather spend them in"
                " Prospect Park than at your wedding: a walk around the lake, coffee from the cart, no plan at"
                " all.\n\nYou get pictures for your invitations and the wall above the sofa, and on the day itself we"
                " meet as people who already know each other."
            ),
            included=(
                "Two hours with Bella, any day of the week",
                "About 80 edited photographs",
                "Help with what to wear, if you want it",
                "A private gallery for ten years",
            ),
            cents=65_000,
            pictures=("engagement-session", "camera-and-peonies"),
            max_guests=4,
        ),
        DemoPackage(
            slug="half-day",
            name="The Half Day",
            summary="Six hours, from the last button to the first dance.",
            description=(
                "Most of what you will want to remember happens in six hours: the door before it opens, the walk, the"
                " promise, the hug that goes on too long, the toast, the first dance.\n\nWe arrive when you are nearly"
                " ready and leave when the band is warm."
            ),
            included=(
                "Six hours with Bella",
                "About 350 edited photographs",
                "A timeline that we make together, a month before",
                "A private gallery for ten years",
            ),
            cents=320_000,
            pictures=("half-day", "rings-and-ribbon", "full-day-story"),
            max_guests=120,
        ),
        DemoPackage(
            slug="full-day-story",
            name="The Whole Day",
            summary="Ten hours, two photographers: the morning nerves, the vows, the last song.",
            description=(
                "One of us is with each of you in the morning. One of us sees the face at the end of the aisle while"
                " the other sees your mother’s. In the evening we stay until the shoes come off.\n\nThis is the package"
                " that most couples take, and the one we would take ourselves. The gallery arrives within five weeks;"
                " twenty pictures arrive the next morning, so that you can read the day again over coffee."
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
            pictures=("full-day-story", "half-day", "camera-and-peonies"),
            max_guests=250,
        ),
        DemoPackage(
            slug="weekend-story",
            name="The Weekend",
            summary="Three days upstate: Friday’s supper, Saturday’s wedding, Sunday’s goodbye by the river.",
            description=(
                "Some weddings are too long for a day. We come when the tables go out and leave when the last car turns"
                " onto the road, and in between we are simply there.\n\nThe result reads like a small novel: chapters,"
                " weather, people who enter late and matter most. The day after is for the drive home, and we keep it"
                " free."
            ),
            included=(
                "Three days with Bella and June",
                "About 1,200 edited photographs",
                "A portrait of every guest who wants one",
                "A linen album with thirty spreads",
                "Travel and lodging within 150 miles of the city",
            ),
            cents=980_000,
            pictures=("weekend-story", "full-day-story", "rings-and-ribbon"),
            days=3,
            buffer_days=1,
            max_guests=200,
        ),
    ),
    add_ons=(
        DemoAddOn("Second photographer", "Two views of every moment.", 85_000, 1, _HOURS[:2]),
        DemoAddOn("One more hour", "For when the party is too good to leave.", 38_000, 4, _HOURS),
        DemoAddOn("Linen album", "Thirty spreads, sewn and bound in Vermont. You choose the linen later.", 78_000, 2),
        DemoAddOn("Album for the parents", "The same book, smaller.", 32_000, 4, (*_HOURS, "weekend-story")),
        DemoAddOn(
            "Super 8 film",
            "Three minutes of moving pictures, silent and grainy, to a song of your choice.",
            95_000,
            1,
            ("full-day-story", "weekend-story"),
        ),
    ),
    cancellation=tiers((60, 100), (14, 50), kept=Kept.DEPOSIT, add_ons_days=21, rebooked_percent=40),
    moving=one_free_move(60, 15_000, 30_000),
    blackouts=(
        DemoBlackout(-60, 12, "Portugal, finally"),
        DemoBlackout(18, 5, "Family in New Jersey"),
        DemoBlackout((2, 8), 9, "Winter break"),
        DemoBlackout((9, 4), 1, "June’s own wedding"),
    ),
)
