"""A hospital's own system for the demonstration: registered, so that `examples/his.py` can play it.

Its private key and the number by which it calls the resident of the story lie in the state folder;
nothing of it is there in a real installation.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey, KeySet

from minkang.accounts.apps import approve_app, request_app
from minkang.accounts.apps_rules import Registration
from minkang.app.demonstration.organisations import HOSPITAL
from minkang.app.demonstration.story import Story, region_folder
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.identity import resident
from minkang.identity.patients import patients_by_id
from minkang.policy.launch_systems import LaunchSystem, keep_launch_system
from minkang.store import Scope

PORT: Final = 8770
"""Where the page of the example is."""

_PRACTITIONER: Final = "yisheng"
_NUMBERS: Final = re.compile(r"urn:minkang:source:[^:]+:patient")


def his_file(home: Path) -> Path:
    """What the example needs to know: its client, its key, whom it treats."""
    return region_folder(home) / "his.json"


async def register_his(platform: Platform, log: AuditLog, story: Story) -> None:
    """Register the system of the hospital, unless that was done, or nobody is known there."""
    file, now = his_file(platform.settings.home), datetime.now(UTC)
    found = await _number(platform, story)
    if file.exists() or found is None:
        return
    system, number = found
    key = ECKey.generate_key("P-384", private=True)
    key.ensure_kid()
    given = Registration(
        name="海滨人民医院 HIS（演示）",
        purpose="医生在本院系统里打开居民档案、开单时得到提醒",
        owner="海滨人民医院信息科",
        contact="0631-0000000",
        kind="system",
        organisation=HOSPITAL,
        scopes=("system/Patient.rs",),
        keys=msgspec.json.encode(KeySet([key]).as_dict(private=False)).decode(),
    )
    asked = await request_app(platform.pool, log, given, now=now)
    app = await approve_app(platform.pool, log, asked.id, now=now)
    allowed = LaunchSystem(
        client=app.id,
        name=app.name,
        organisation=HOSPITAL,
        institutions=(HOSPITAL,),
        origins=(f"http://127.0.0.1:{PORT}", f"http://localhost:{PORT}"),
        patient_system=system,
    )
    await keep_launch_system(platform.pool, log, allowed, now=now)
    said: dict[str, Any] = {
        "client_id": app.id,
        "key": key.as_dict(private=True),
        "institution": HOSPITAL,
        "practitioner": _PRACTITIONER,
        "patient": {"number": number, "name": story.name},
    }
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(msgspec.json.format(msgspec.json.encode(said)))
    part.replace(file)


async def _number(platform: Platform, story: Story) -> tuple[str, str] | None:
    """By what number the hospital calls the resident of the story: its system and value."""
    who = await resident(platform.store, Scope.whole(), story.person)
    known = await patients_by_id(platform.store, sorted(who.patients)) if who else {}
    for one in known.values():
        for identifier in one.resource.get("identifier", []):
            system = str(identifier.get("system", ""))
            if one.source == HOSPITAL and _NUMBERS.fullmatch(system):
                return system, str(identifier["value"])
    return None
