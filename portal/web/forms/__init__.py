"""What people type: read once, strictly, each fault with a sentence for its field."""

from portal.web.forms.reading import single

__all__ = ["single"]
