"""One value per name. A field that comes twice is not a form of ours; which one was meant cannot be known."""

from werkzeug.datastructures import MultiDict

from portal.kernel.errors import Invalid
from portal.kernel.text import N_


def single(form: MultiDict[str, str], name: str, default: str = "") -> str:
    """The field's text as it came. Raises ``Invalid`` for the field when it came twice."""
    values = form.getlist(name)
    if len(values) > 1:
        twice = N_("This field arrived twice. Please fill it in once more.")
        raise Invalid(twice, fields={name: twice})
    return values[0] if values else default
