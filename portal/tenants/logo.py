"""A logo that may be printed: whatever was uploaded is decoded and written anew as a PNG, or refused.

Nothing of the upload itself survives, neither its metadata nor what may hide behind the picture. Size and shape are
read from the header before anything is decoded, so that a small file cannot unfold into a large memory.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from portal.kernel.errors import Invalid
from portal.kernel.text import N_

MOST_BYTES = 2_000_000
_MOST_PIXELS = 16_000_000
_MOST_SIDE = 8_000
_LEAST_SIDE = 16
_KEPT_WIDTH, _KEPT_HEIGHT = 1200, 480
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_NOT_AN_IMAGE = N_("This file is not a picture that we can print. Please choose a PNG, JPEG, WebP or GIF.")


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG with its measures."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> bytes:
        """What documents know it by."""
        return hashlib.sha256(self.content).digest()


def checked(upload: bytes) -> Logo:
    """The logo that an upload holds. Raises Invalid with a sentence for the field."""
    if len(upload) > MOST_BYTES:
        raise Invalid(N_("This picture is larger than 2 MB. Please choose a smaller one."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _drawn_anew(upload)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise Invalid(_NOT_AN_IMAGE) from error


def _drawn_anew(upload: bytes) -> Logo:
    with Image.open(io.BytesIO(upload), formats=_FORMATS) as picture:
        width, height = picture.size
        if width * height > _MOST_PIXELS or max(width, height) > _MOST_SIDE:
            raise Invalid(N_("This picture has too many pixels. Please choose one of at most 4,000 by 4,000."))
        if min(width, height) < _LEAST_SIDE:
            raise Invalid(N_("This picture is too small to be printed."))
        picture.load()
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((_KEPT_WIDTH, _KEPT_HEIGHT), Image.Resampling.LANCZOS)
    # On paper: archives want no transparency that a printer would have to mix.
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "PNG", optimize=True)
    return Logo(out.getvalue(), *paper.size)
