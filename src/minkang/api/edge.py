"""What went wrong, whatever it was, as a refusal with the right status: in one place."""

import logging
import secrets

import asyncpg

from minkang.api.outcomes import Issue, Refusal
from minkang.audit import AuditUnavailable
from minkang.fhir import Refused
from minkang.store import TROUBLE, TooCostly

_log = logging.getLogger(__name__)

_RETRY = ((b"retry-after", b"5"),)


def refusal_of(error: BaseException) -> Refusal:
    """The refusal that an error means to the caller; what is our own fault goes to the log."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Refused):
        search = all(problem.stage == "search" for problem in error.problems)
        return Refusal.of_problems(400 if search else 422, error.problems)
    if isinstance(error, TooCostly | asyncpg.QueryCanceledError):
        return Refusal(400, "too-costly", "查询太费时，请缩小范围 / too costly: narrow it down")
    if isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
        return Refusal(
            409, "conflict", "与另一写入冲突，请重试 / conflict with another write", headers=_RETRY
        )
    if isinstance(error, asyncpg.DataError | UnicodeError | RecursionError):
        _log.warning("unsuitable value: %s", type(error).__name__)
        return Refusal(400, "value", "有数据库不能保存的值 / unsuitable value")
    if isinstance(error, TimeoutError):
        return Refusal(503, "timeout", "处理超时 / request took too long", headers=_RETRY)
    if isinstance(error, (AuditUnavailable, *TROUBLE)):
        _log.warning("unavailable: %s: %s", type(error).__name__, error)
        return Refusal(503, "transient", "暂时不可用 / temporarily unavailable", headers=_RETRY)
    number = secrets.token_hex(6)
    _log.error("request %s failed", number, exc_info=error)
    refusal = Refusal(500, "exception", "内部错误 / internal error")
    refusal.issues = (Issue("exception", f"内部错误，编号 {number} / internal error"),)
    return refusal
