"""What the demonstration gives out: the hospitals' visits flow back to the clinic's own system."""

from urllib.parse import urlsplit, urlunsplit

from minkang.app.demonstration.accounts import CHINESE_MEDICINE, HOSPITAL
from minkang.app.platform import Platform, key_folder
from minkang.exchange.targets import Target, save_target

_NAME = "yunxi-his"
_SCHEMA = "back_yunxi"
_COLUMNS = {
    "Patient": {
        "table": f"{_SCHEMA}.residents",
        "name": "name.first().text",
        "sex": "gender",
        "birth_date": "birthDate",
        "phone": "telecom.where(system = 'phone').first().value",
    },
    "Encounter": {
        "table": f"{_SCHEMA}.visits",
        "resident": "subject.reference",
        "institution": "serviceProvider.display",
        "department": "serviceType.text",
        "begin": "period.start",
        "reason": "reasonCode.first().text",
    },
}


async def add_target(platform: Platform) -> None:
    """Tables for the clinic, in a schema of their own, and the target that keeps them filled."""
    async with platform.pool.acquire() as connection:
        await connection.execute(f"create schema if not exists {_SCHEMA}")
        for one in _COLUMNS.values():
            columns = ", ".join(f"{name} text" for name in one if name != "table")
            await connection.execute(
                f"create table if not exists {one['table']} "
                f"(id text primary key, changed text, {columns})"
            )
        folder = key_folder(platform.settings.home) / "targets"
        folder.mkdir(mode=0o700, exist_ok=True)
        parts = urlsplit(platform.url)
        file = folder / _NAME
        file.touch(mode=0o600)
        file.write_text(parts.password or "", encoding="utf-8")
        host = parts.netloc.rpartition("@")[2]
        secret = "{secret}"  # noqa: S105 - its place, not the secret
        await save_target(
            connection,
            Target(
                id=_NAME,
                name="云溪社区卫生服务站业务系统（数据回流）",
                form="table",
                address=urlunsplit(parts._replace(netloc=f"{parts.username}:{secret}@{host}")),
                types=("Patient", "Encounter"),
                sources=(HOSPITAL, CHINESE_MEDICINE),
                columns=_COLUMNS,
                contact="云溪站 刘医生",
            ),
        )
