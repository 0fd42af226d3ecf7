"""The doors of the audit administrator's pages about the log."""

from typing import Final

from litestar.types import ControllerRouterHandler

from minkang.web import audit_archive, audit_search, audit_unusual, audit_verification

ROUTES: Final[tuple[ControllerRouterHandler, ...]] = (
    audit_search.audit_page,
    audit_search.audit_entry,
    audit_search.audit_export,
    audit_verification.verification_page,
    audit_verification.verification_live,
    audit_verification.verification_run,
    audit_archive.archive_page,
    audit_unusual.unusual_page,
)
