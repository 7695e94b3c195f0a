"""What every template may use to show a value: money, rates, dates and addresses, as the page's language does."""

from flask import Flask
from markupsafe import Markup, escape

from portal.kernel.text import is_iso_date
from portal.web.speech import current

FILTERS = {
    "money": lambda cents, currency: current().money(cents, currency),
    "percent_bp": lambda rate_bp: current().percent_bp(rate_bp),
    "number": lambda value: current().number(value),
    "date_long": lambda on: current().date_long(on),
    "date_medium": lambda on: current().date_medium(on),
    "date_short": lambda on: current().date_short(on),
    "month_title": lambda on: current().month_title(on),
    "datetime_medium": lambda at: current().datetime_medium(at),
    "time_at_place": lambda at: current().time_at_place(at),
    "email": lambda address: escape(address).replace("@", Markup("@<wbr>")),  # where a narrow column breaks it
}


def install(app: Flask) -> None:
    """Make the filters, and the test ``iso_date``, known to templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.tests["iso_date"] = is_iso_date
