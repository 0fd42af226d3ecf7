"""The pictures of the README's tour, taken of a running demonstration (`make pictures`).

`python -m tests.e2e.tour_pictures [address]` writes them to docs/pictures/: small, with a palette,
so that they can be kept beside the text. Everybody in them is invented.
"""

import io
import re
import sys
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Windows, windows

FOLDER: Final = Path("docs/pictures")
MOST_BYTES: Final = 80_000
_DESK: Final = {"width": 1200, "height": 720}
_PHONE: Final = {"width": 390, "height": 844}
_COLOURS: Final = (96, 64, 40, 24, 16)


class Running(msgspec.Struct, frozen=True):
    """Where the demonstration answers."""

    address: str


class TooLarge(Exception):  # noqa: N818 - reads as what happened
    """A picture is larger than the repository should carry, even with few colours."""


def small_png(png: bytes) -> bytes:
    """The picture with as many colours of a palette as fit into MOST_BYTES.

    Raises:
        TooLarge: it does not fit with the fewest.
    """
    with Image.open(io.BytesIO(png)) as image:
        plain = image.convert("RGB")
    for colours in _COLOURS:
        out = io.BytesIO()
        reduced = plain.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        reduced.save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise TooLarge(f"{out.tell()} bytes with {_COLOURS[-1]} colours")


def _keep(page: Page, name: str) -> None:
    """The window as it stands, without anything that still moves."""
    page.wait_for_load_state("networkidle" if name == "region" else "load")
    shot = page.screenshot(animations="disabled", caret="hide")
    (FOLDER / f"{name}.png").write_bytes(small_png(shot))


def _desk(open_windows: Windows, login: str) -> Page:
    page = open_windows.open(login)
    page.set_viewport_size(_DESK)  # type: ignore[arg-type]
    return page


def _phone(open_windows: Windows) -> tuple[Page, str]:
    """The resident's phone, and what she is called."""
    page = open_windows.open("jumin", phone=True, scale=1)
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    page.goto("/me")
    return page, page.get_by_role("heading", level=1).inner_text().partition("，")[0]


def _record(page: Page, name: str) -> None:
    """From the find box to the record, and to its results."""
    page.goto("/doctor")
    page.get_by_label("身份证号、姓名、拼音或电子健康码").fill(name)
    page.locator("#results .mk-person").first.click()
    expect(page.get_by_role("heading", level=1, name=re.compile(name))).to_be_visible()
    _keep(page, "record")
    page.goto(page.url.partition("?")[0] + "?tab=results")
    expect(page.locator("#record-body table").first).to_be_visible()
    _keep(page, "results")


def take(address: str) -> list[Path]:
    """Take all pictures of the demonstration at an address; where they lie."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with windows(Running(address)) as open_windows:
        phone, name = _phone(open_windows)
        _keep(phone, "resident")
        _record(_desk(open_windows, "yisheng"), name)
        phone.goto("/me/access")
        phone.get_by_text("王海燕").first.evaluate("one => one.scrollIntoView({block: 'center'})")
        _keep(phone, "who-looked")
        region = _desk(open_windows, "guihua")
        region.goto("/region")
        region.locator("svg.mk-region-map").first.scroll_into_view_if_needed()
        _keep(region, "region")
        centre = _desk(open_windows, "xinxi")
        centre.goto("/centre/identity/review")
        centre.get_by_role("link", name="从第一对开始").click()
        expect(centre.get_by_role("heading", name="逐项对照")).to_be_visible()
        _keep(centre, "pair")
    return sorted(FOLDER.glob("*.png"))


if __name__ == "__main__":
    for taken in take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"):
        sys.stdout.write(f"{taken} {taken.stat().st_size:,} bytes\n")
