"""Any brand colour comes out readable."""

from hypothesis import example, given
from hypothesis import strategies as st

from portal.tenants import theme

LIGHT_PAPERS = ("#fafaf7", "#ffffff", "#f2f0ea")
DARK_PAPERS = ("#191715", "#23201d", "#2c2925")
colors = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


@given(colors)
@example("#FFFFFF")
@example("#000000")
@example("#FFFF00")
@example("#808080")
def test_text_and_fills_keep_their_contrast_in_light_and_dark(color: str) -> None:
    for palette, papers in ((theme.light(color), LIGHT_PAPERS), (theme.dark(color), DARK_PAPERS)):
        assert theme.contrast(palette.brand, palette.brand_ink) >= 4.5
        assert theme.contrast(palette.brand_hover, palette.brand_ink) >= 4.5
        assert theme.contrast(palette.brand, papers[0]) >= 3
        for paper in papers:
            assert theme.contrast(palette.brand_text, paper) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast("#000000", "#ffffff") == 21
    assert round(theme.contrast("#777777", "#ffffff"), 2) == 4.48


def test_a_readable_colour_is_left_as_it_is() -> None:
    assert theme.light("#5A7C65").brand == "#5a7c65"


def test_the_sheet_is_named_by_what_it_says() -> None:
    assert theme.digest("#112233") == theme.digest("#112233") != theme.digest("#112234")
    assert theme.stylesheet("#112233").count("--brand:") == 2
