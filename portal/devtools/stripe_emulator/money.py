"""Currencies and amounts as Stripe counts them: whole numbers of the smallest unit."""

_WITHOUT_PARTS = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_WITH_THOUSANDTHS = "bhd jod kwd omr tnd"
_WITH_HUNDREDTHS = """
usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk
dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp
lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd
rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer zar zmw
"""

ZERO_DECIMAL = frozenset(_WITHOUT_PARTS.split())
THREE_DECIMAL = frozenset(_WITH_THOUSANDTHS.split())
SUPPORTED = ZERO_DECIMAL | THREE_DECIMAL | frozenset(_WITH_HUNDREDTHS.split())

SMALLEST_CHARGE = {
    "usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "nzd": 50, "chf": 50, "jpy": 50, "sek": 300, "nok": 300,
    "dkk": 250, "pln": 200, "czk": 1500, "huf": 17500, "hkd": 400, "sgd": 50, "mxn": 1000, "brl": 50, "aed": 200,
}  # fmt: skip
LARGEST_CHARGE = 99_999_999

_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "CA$", "aud": "A$", "nzd": "NZ$"}


def display(amount: int, currency: str) -> str:
    """The amount for people, as in `$1,250.00`."""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    whole, part = divmod(abs(amount), 10**places)
    figures = f"{whole:,}" + (f".{part:0{places}d}" if places else "")
    symbol = _SYMBOLS.get(currency, currency.upper() + " ")
    return ("-" if amount < 0 else "") + symbol + figures


def processing_fee(amount: int) -> int:
    """What Stripe keeps of a charge: 2.9 % and 30, rounded up. Close enough for any currency here."""
    return (amount * 29 + 999) // 1000 + 30 if amount else 0
