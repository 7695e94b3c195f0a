"""Tests of money ask for a till."""

from tests.support.till import till

__all__ = ["till"]
