"""The web application: routes, security headers, errors, static files."""

from importlib import resources
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from litestar.types import Message, Scope

from minkang.web import (
    administration_routes,
    alarms,
    apps_routes,
    audit_routes,
    centre_message,
    centre_messages,
    centre_quarantine,
    code_desk,
    code_own,
    code_scan,
    codes,
    codes_table,
    consents,
    consents_desk,
    demonstration,
    doctor,
    family,
    family_desk,
    glass,
    glass_reviews,
    holdings,
    keys,
    login_routes,
    looks,
    notices,
    objections,
    policy_routes,
    quality,
    reconciliation,
    record,
    register_routes,
    report,
    resident,
    review_routes,
    sources,
    sources_one,
    targets,
    terminology,
    wizard,
    wizard_table,
    wizard_trial,
)
from minkang.web.context import Web
from minkang.web.cookies import forms_cookie_name
from minkang.web.errors import failed, not_allowed, not_confirmed
from minkang.web.login_settings import rules_of
from minkang.web.parameters import WebParameter
from minkang.web.visitor import ConfirmationNeeded, NotAllowed, Visitor, visitor_of

_MAX_BODY = 256 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_application(web: Web, *further: Router) -> Litestar:
    """The application for people, with further routers mounted beside it.

    Raises:
        SettingsError: a setting of the log-in names what there is none of.
    """
    rules_of(web.settings, demonstration=False)
    static = Path(str(resources.files("minkang.web") / "static"))
    return Litestar(
        route_handlers=[
            *login_routes.ROUTES,
            *administration_routes.ROUTES,
            keys.keys_page,
            keys.rotate,
            keys.reseal,
            keys.list_page,
            *apps_routes.ROUTES,
            *audit_routes.ROUTES,
            *policy_routes.ROUTES,
            doctor.doctor_page,
            doctor.doctor_search,
            doctor.doctor_results,
            record.record_page,
            record.record_body,
            record.record_events,
            consents_desk.record_code,
            consents_desk.record_consent,
            consents.my_consent,
            consents.my_consent_change,
            consents.ward_consent,
            consents.ward_consent_change,
            glass.record_glass,
            glass.own_glass_page,
            glass.own_glass_answer,
            glass_reviews.glass_page,
            glass_reviews.glass_one,
            glass_reviews.glass_review,
            resident.my_home,
            resident.my_record,
            resident.ward_record,
            looks.my_access,
            looks.ward_access,
            notices.notice_seen,
            objections.my_objection,
            objections.ward_objection,
            objections.objections_page,
            objections.objection_answer,
            family.family_page,
            family.family_ask,
            family.family_end,
            family_desk.families_page,
            family_desk.families_record,
            family_desk.families_decide,
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
            resident.my_code,
            resident.my_code_picture,
            alarms.alarms_page,
            alarms.alarm_acknowledge,
            centre_messages.messages_page,
            centre_messages.messages_live,
            centre_message.message_page,
            centre_quarantine.message_replay,
            centre_quarantine.quarantine_page,
            centre_quarantine.quarantine_replay,
            sources.sources_page,
            sources.sources_live,
            sources_one.source_page,
            sources_one.source_settings,
            sources_one.source_switch,
            sources_one.source_credential,
            sources_one.source_revoke,
            wizard.new_page,
            wizard.new_source,
            wizard.who_page,
            wizard.who_save,
            wizard.how_page,
            wizard.how_save,
            wizard.credentials_page,
            wizard.credentials_issue,
            wizard.live_page,
            wizard.live_start,
            wizard_trial.trial_page,
            wizard_trial.trial_live,
            wizard_trial.trial_judge,
            wizard_trial.trial_try,
            wizard_table.trial_mapping,
            targets.targets_page,
            targets.target_page,
            targets.target_again,
            codes.codes_page,
            codes.code_page,
            codes.code_decide,
            codes_table.codes_table,
            codes_table.codes_check,
            codes_table.codes_import,
            terminology.terminology_page,
            terminology.system_page,
            terminology.value_set_page,
            quality.quality_page,
            quality.quality_source_page,
            reconciliation.reconciliation_page,
            reconciliation.reconciliation_day_page,
            reconciliation.reconciliation_resend,
            report.report_page,
            *review_routes.ROUTES,
            *register_routes.ROUTES,
            holdings.store_page,
            holdings.store_live,
            demonstration.send,
            demonstration.way,
            create_static_files_router(
                "/static", [static], cache_control=None, after_request=_keep_forever
            ),
            *further,
        ],
        dependencies={
            "web": Provide(_web, sync_to_thread=False),
            "visitor": Provide(_visitor),
        },
        state=State({"web": web}),
        csrf_config=CSRFConfig(
            secret=web.keys.session_key.hex(),
            cookie_name=forms_cookie_name(secure=web.settings.https),
            header_name="x-csrftoken",
            cookie_secure=web.settings.https,
            cookie_httponly=True,
            cookie_samesite="lax",
            # A shared cache may keep built files; a token in one would be everybody's.
            exclude=["^/static/"],
        ),
        compression_config=CompressionConfig(backend="gzip", minimum_size=1000),
        exception_handlers={
            NotAllowed: not_allowed,
            ConfirmationNeeded: not_confirmed,
            Exception: failed,
        },
        before_send=[_secure],
        request_max_body_size=_MAX_BODY,
        openapi_config=None,
    )


def _web(state: State) -> Web:
    found: Web = state.web
    return found


async def _visitor(web: WebParameter, request: Request[Any, Any, Any]) -> Visitor:
    return await visitor_of(web, request)


async def _secure(message: Message, _: Scope) -> None:
    """On every answer: refusals and failures do not pass `after_request`."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)


async def _keep_forever(response: Response[Any]) -> Response[Any]:
    """Built files carry a hash of their content in their names."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
