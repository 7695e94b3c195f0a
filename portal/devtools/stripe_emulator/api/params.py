"""Form-encoded parameters to nested values: `a[b][0][c]=v` becomes {"a": {"b": {"0": {"c": "v"}}}}.

Everything stays text and every level a dictionary; `schema` knows what is a list or a number.
"""

import re
from urllib.parse import parse_qsl

from portal.devtools.stripe_emulator.api.errors import refused_parameter
from portal.devtools.stripe_emulator.store import Doc

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MOST_PAIRS = 2000


def decode(encoded: str) -> Doc:
    """The nested parameters of a query string or form body."""
    decoded: Doc = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_PAIRS):
        found = _KEY.match(name)
        if found is None:
            raise refused_parameter(f"Invalid parameter name: {name}", name)
        _put(decoded, [found[1], *_PART.findall(found[2])], value, name)
    return decoded


def _put(target: Doc, path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        below = target.setdefault(step or str(len(target)), {})
        if not isinstance(below, dict):
            raise refused_parameter(f"Invalid parameter: {name} is given both as a value and as a hash", name)
        target = below
    target[path[-1] or str(len(target))] = value
