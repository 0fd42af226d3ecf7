"""Routes of health codes: one's own, the desk, scanning."""

from minkang.web import code_desk, code_own, code_scan

ROUTES = (
    code_own.own_code,
    code_own.code_page,
    code_own.code_change,
    code_own.code_live,
    code_own.code_print,
    code_desk.desk_page,
    code_desk.desk_find,
    code_desk.desk_change,
    code_desk.desk_bind,
    code_desk.desk_unbind,
    code_desk.desk_claim,
    code_desk.desk_print,
    code_scan.scan_page,
    code_scan.scan_code,
)
