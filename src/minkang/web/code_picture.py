"""QR pictures as data URIs: the page's policy allows pictures from there and no inline script."""

import base64
import io
from typing import Final

import segno

_SCALE: Final = 8
_BORDER: Final = 2
_BAR: Final = 10
_DARK: Final = "#111"
_LIGHT: Final = "#fff"


def picture(text: str) -> str:
    """The QR picture of a text (level M), for the screen or paper."""
    return _data_uri(_svg(text)[0])


def live_picture(text: str, seconds: int) -> str:
    """The same with a bar below that gets shorter as the code's time runs out."""
    inner, width, height = _svg(text)
    bar = height + _BAR
    return _data_uri(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bar}" '
        f'width="{width}" height="{bar}"><rect width="{width}" height="{bar}" fill="{_LIGHT}"/>'
        f'{inner}<rect y="{height}" width="{width}" height="{_BAR}" fill="#0a7d4f">'
        f'<animate attributeName="width" from="{width}" to="0" dur="{seconds}s" fill="freeze"/>'
        "</rect></svg>"
    )


def _svg(text: str) -> tuple[str, int, int]:
    code = segno.make(text, error="m", micro=False)
    width, height = code.symbol_size(scale=_SCALE, border=_BORDER)
    drawn = io.BytesIO()
    code.save(
        drawn, kind="svg", scale=_SCALE, border=_BORDER, dark=_DARK, light=_LIGHT, xmldecl=False
    )
    return drawn.getvalue().decode(), int(width), int(height)


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
