"""The health code of the resident of the story, with which the demonstration can be scanned."""

from datetime import UTC, datetime

from minkang.app.demonstration.story import Story
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.identity import resident
from minkang.identity.codes import CodeRefused, current_code, issue_code
from minkang.store import Scope


async def issue_story_code(platform: Platform, log: AuditLog, story: Story) -> None:
    """Issue the code, unless there is one, or the resident has not consented."""
    who = await resident(platform.store, Scope.whole(), story.person)
    if who is None or await current_code(platform.pool, who.person) is not None:
        return
    try:
        await issue_code(platform.store, log, who, by=None, now=datetime.now(UTC))
    except CodeRefused:
        return
