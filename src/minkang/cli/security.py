"""`minkang doctor --security`: the two lists, with what was looked at."""

import asyncio
import json
import sys
from typing import Any

from minkang.app.database import database
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.web.security_checks import Checked, list_of, security_state
from minkang.web.security_items import Item

_NOTHING = "organisational: not looked at, no claim"


def print_security(settings: Settings, *, as_json: bool) -> int:
    """Print the lists; 1 if anything that was looked at is not as it should be."""
    with database(settings) as url:
        state = asyncio.run(_state(settings, url))
    listed = list_of(state)
    if as_json:
        report = {
            "items": [_reported(item, checks) for item, checks in listed],
            "fits": sum(one.look.fits for one in state.values()),
            "checks": len(state),
        }
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        for item, checks in listed:
            sys.stdout.write(f"{item.standard} {item.clause}  {item.zh} / {item.en}\n")
            for one in checks:
                mark = "ok " if one.look.fits else "NOT"
                sys.stdout.write(f"    {mark} {one.kind:<7} {one.name}: {one.look.found}\n")
            if not checks:
                sys.stdout.write(f"    {_NOTHING}\n")
    return 0 if all(one.look.fits for one in state.values()) else 1


async def _state(settings: Settings, url: str) -> dict[str, Checked]:
    async with open_platform(settings, url) as platform:
        return await security_state(settings, platform.keys, platform.pool)


def _reported(item: Item, checks: tuple[Checked, ...]) -> dict[str, Any]:
    return {
        "standard": item.standard,
        "clause": item.clause,
        "zh": item.zh,
        "en": item.en,
        "kind": "organisational" if not checks else "looked-at",
        "checks": [
            {"name": one.name, "kind": one.kind, "fits": one.look.fits, "found": one.look.found}
            for one in checks
        ],
    }
