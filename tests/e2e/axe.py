"""axe-core at a page: what would keep somebody from reading or working with it (WCAG 2.1 AA).

The script is injected by the browser's own debugging channel, so that the pages' content security
policy stays as strict as it is for everybody.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

_SCRIPT: Final = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_GRAVE: Final = frozenset({"serious", "critical"})
_MOST: Final = 4  # places told of each fault


class AxeMissing(Exception):  # noqa: N818 - reads as what happened
    """The package is not there; `make setup` brings it."""


@cache
def _script() -> str:
    if not _SCRIPT.is_file():
        raise AxeMissing(f"{_SCRIPT} is missing; run `make setup`")
    return _SCRIPT.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Serious and critical faults of the page as it stands, one line each: what, and where.

    Raises:
        AxeMissing: axe-core is not installed.
    """
    page.evaluate(_script())
    found: list[dict[str, Any]] = page.evaluate(
        """rules => axe.run(document, {runOnly: {type: 'tag', values: rules},
                                       resultTypes: ['violations']})
            .then(result => result.violations)""",
        _RULES,
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {_places(one['nodes'])}"
        for one in found
        if one["impact"] in _GRAVE
    ]


def _places(nodes: list[dict[str, Any]]) -> str:
    """The elements by their selectors, with what axe saw of colours."""
    told = []
    for node in nodes[:_MOST]:
        where = " ".join(str(part) for part in node["target"])
        seen = [check["data"] for check in node["any"] if isinstance(check.get("data"), dict)]
        ratio = [
            f"{one['fgColor']} on {one['bgColor']} {one.get('contrastRatio')}"
            for one in seen
            if one.get("fgColor")
        ]
        told.append(f"{where} {' '.join(ratio)}".strip())
    further = len(nodes) - len(told)
    return "; ".join(told) + (f"; and {further} more" if further > 0 else "")
