"""Who logs in to the demonstration, and what the terminal and the log-in page say of it."""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from minkang.accounts import account_by_login, create_account
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.web.context import DemoAccount

PASSWORD: Final = "haibin-demo-2026"  # noqa: S105 - printed for everyone who runs it

HOSPITAL: Final = "MK37109800100000110001"
"""海滨人民医院: its code does not depend on the seed of the region."""

CHINESE_MEDICINE: Final = "MK37109800200000210002"
"""港城中医医院."""

CENTRE: Final = "MK-CENTRE"
"""The information centre."""

_ROLES: Final = {"doctor": "医生", "resident": "居民", "information-centre": "信息中心"}


def _accounts(name: str) -> Sequence[tuple[str, str, str, str | None, str]]:
    """Login, name, role, organisation, what it shows; `name` is the resident's."""
    return (
        ("yisheng", "王海燕", "doctor", HOSPITAL, "海滨人民医院医生：查找居民、看档案"),
        ("zhongyi", "陈仲和", "doctor", CHINESE_MEDICINE, "港城中医医院医生：没有关系时会被拒绝"),
        ("jumin", name, "resident", None, "居民：我的健康码、我的档案、谁看过"),
        ("xinxi", "林晓明", "information-centre", CENTRE, "信息中心：来源、消息、质量、对账、外发"),
    )  # fmt: skip


async def create_accounts(platform: Platform, log: AuditLog, name: str, person: str) -> None:
    """Make the accounts that are not there yet; the resident's is for this Person."""
    for login, own_name, role, organisation, _ in _accounts(name):
        if await account_by_login(platform.pool, login) is None:
            await create_account(
                platform.pool,
                log,
                login=login,
                name=own_name,
                role=role,
                password=PASSWORD,
                now=datetime.now(UTC),
                organisation=organisation,
                person=person if role == "resident" else None,
            )


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts as the log-in page and the terminal show them."""
    return tuple(
        DemoAccount(login, PASSWORD, _ROLES[role], what)
        for login, _, role, _, what in _accounts("")
    )


def demo_fhir(settings: Settings, folder: Path) -> tuple[str, ...]:
    """The FHIR base, and how to read from it in a shell in `folder`, as lines for the terminal."""
    base = f"http://{settings.host}:{settings.port}/fhir"
    usual = settings.home == folder / ".minkang"
    home = "" if usual else f"MINKANG_HOME={shlex.quote(str(settings.home))} "
    found = f"'{base}/Observation?code=http://loinc.org|4548-4&_sort=-date&_count=1'"
    return (
        f"FHIR R4  {base}   a system of 海滨人民医院 reads its latest HbA1c:",
        f"TOKEN=$({home}.venv/bin/minkang token --role system --org {HOSPITAL})",
        f'curl -H "Authorization: Bearer $TOKEN" {found}',
    )
