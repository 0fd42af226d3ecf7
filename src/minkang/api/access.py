"""Who is calling the FHIR base and what that caller may see: the gate is asked for every call."""

from http.cookies import CookieError, SimpleCookie

from minkang.accounts import Account, session_account
from minkang.accounts.tokens import token_holder
from minkang.api.call import Call
from minkang.api.journal import Due
from minkang.api.outcomes import Refusal
from minkang.api.smart import within_scopes
from minkang.fhir import TYPE_CODES, patients_of
from minkang.identity import Resident, resident, resident_of_patient
from minkang.identity.named import as_current
from minkang.policy import Action, Ask, Decision, decide
from minkang.policy.reach import reaches
from minkang.policy.table import MACHINES
from minkang.store import Scope, Stored, read

_TERMINOLOGY = {
    "CodeSystem": frozenset({"$lookup", "$subsumes", "$validate-code"}),
    "ConceptMap": frozenset({"$translate"}),
    "ValueSet": frozenset({"$expand", "$validate-code"}),
}

OPEN = "open"
"""Id of the organisation that writes where the base stands open."""


async def ask(
    call: Call,
    action: Action,
    object_type: str,
    object_id: str,
    patient: str | None = None,
    others: frozenset[str] = frozenset(),
) -> Decision:
    """The gate's decision. It stands in the audit log when this returns, or, where a system reads,
    when what is `call.due` was written down: before the answer goes out.

    `patient` is the Patient that the call is about, if it names one; of a Person `others` are those
    that it links as well, of whom one is enough. Without, people get what the
    policy opens to them of all: residents their own record, others what no single resident's is.

    Raises:
        Refusal: 401 nobody is logged in, 403 not allowed.
    """
    await identify(call)
    if not of_people(call):
        decision = decide(Ask(account=call.account, action=action, open_base=call.door.open))
        if decision.allowed:
            await _note(call, decision, action, (object_type, object_id))
            return await within_scopes(call, decision, action, None)
    about = await _about(call, patient)
    decision = await call.door.gate.ask(
        call.account,
        action,
        now=call.now,
        person=about.person if about else None,
        patients=about.patients if about else frozenset(),
        birth_date=about.birth_date if about else "",
        named=patient is not None,
        object_type=object_type,
        object_id=object_id,
        address=call.address,
        open_base=call.door.open,
    )
    if (
        decision.allowed
        and patient is not None
        # That another institution's Patient is linked to the resident is nobody's who sees nothing
        # of it.
        and not await reaches(call.door.store, decision.scope, others | {patient})
    ):
        raise unseen()
    if decision.allowed:
        return await within_scopes(call, decision, action, about)
    if call.account is None:
        raise Refusal(
            401,
            "login",
            "需要令牌或登录 / a bearer token or a session is needed",
            headers=((b"www-authenticate", b"Bearer"),),
        )
    if action == "write-api":
        raise Refusal(403, "forbidden", "无权写入 / you may not write")
    raise unseen()


async def admit(call: Call) -> None:
    """Let nobody further who is nobody.

    Raises:
        Refusal: 401; it stands in the audit log.
    """
    await identify(call)
    if call.account is None and not call.door.open:
        reads = call.method in ("GET", "HEAD") or "_search" in call.segments
        kind, *rest = call.segments or ("",)
        action: Action = reading(call) if reads else "write-api"
        # Whose record somebody unknown asked for is what that resident wants to know.
        await ask(call, action, kind, "/".join(rest), await _patient_of(call))


def of_people(call: Call) -> bool:
    """Whether a person asks, whose rights hang on whom it is about; systems' do not."""
    return not call.door.open and (call.account is None or call.account.role not in MACHINES)


async def _about(call: Call, patient: str | None) -> Resident | None:
    """The resident whom a person's call is about: the one it names, or residents themselves."""
    if not of_people(call):
        return None
    store, account = call.door.store, call.account
    if patient is not None:
        return await resident_of_patient(store, Scope.whole(), patient)
    if account is not None and account.about is not None:
        return await resident(store, Scope.whole(), account.about)
    if account is not None and account.role == "resident" and account.person is not None:
        return await resident(store, Scope.whole(), account.person)
    return None


def reading(call: Call) -> Action:
    """What reading is called: of people who ask what codes mean it is an action of its own."""
    kind, *rest = call.segments or ("",)
    about_codes = len(rest) == 1 and rest[0] in _TERMINOLOGY.get(kind, ())
    by_people = call.method == "GET" and of_people(call)
    return "read-terminology" if about_codes and by_people else "read-api"


async def identify(call: Call) -> None:
    """Find out who is calling; once a call."""
    if not call.identified:
        found = await _caller(call)
        call.account = await as_current(call.door.store.pool, found) if found else None
        call.identified = True


async def ask_to_read(call: Call, kind: str, resource_id: str) -> Decision:
    """The decision on reading one resource, for any caller.

    Raises:
        Refusal: 401, 403.
    """
    await identify(call)
    if not of_people(call):
        return await ask(call, "read-api", kind, resource_id)
    stored = await read(call.door.store, Scope.whole(), kind, resource_id)
    # What is not there is asked for as if it were about somebody: the same work, the same answer.
    about = patients_of(stored.resource) if stored else frozenset([resource_id])
    others = about if kind == "Person" else frozenset[str]()
    return await ask(call, "read-api", kind, resource_id, min(about, default=None), others)


async def _note(call: Call, decision: Decision, action: Action, what: tuple[str, str]) -> None:
    if action == "read-api":
        call.own = Due(decision, what, set())
        call.due.append(call.own)
    else:
        note = call.door.journal.note
        await note(call.account, decision, action, call.address, call.now, what).durable()


def unseen() -> Refusal:
    """The one answer to people for what is not there and for what they may not see."""
    return Refusal(
        403, "forbidden", "不存在，或无权查看 / it does not exist, or you may not see it"
    )


def missing(call: Call, kind: str, resource_id: str) -> Refusal:
    """Nothing (visible) is there: people learn no more than that, systems get a 404."""
    if of_people(call):
        return unseen()
    return Refusal(404, "not-found", f"没有 {kind}/{resource_id[:64]} / not found")


def source_of(call: Call) -> str:
    """The organisation that a caller writes for."""
    if call.door.open:
        return OPEN
    if call.account is None or call.account.organisation is None:
        raise Refusal(403, "forbidden", "令牌不属于任何机构 / the token is of no organisation")
    return call.account.organisation


def may_change(call: Call, stored: Stored) -> bool:
    """Whether a caller may replace what is there: what came from the same organisation."""
    return call.door.open or stored.source == source_of(call)


async def _patient_of(call: Call) -> str | None:
    """The Patient that a request is about, told from its address."""
    kind, *rest = call.segments or ("",)
    if not rest or rest[0].startswith(("_", "$")):
        return one_patient(call, kind)
    if kind == "Patient":
        return rest[0]
    if kind not in TYPE_CODES:
        return None
    stored = await read(call.door.store, Scope.whole(), kind, rest[0])
    return min(patients_of(stored.resource), default=None) if stored else None


def one_patient(call: Call, kind: str) -> str | None:
    """The one Patient that a search names; None if it names none or several."""
    names = ("_id",) if kind == "Patient" else ("patient", "subject")
    given = {value.removeprefix("Patient/") for name, value in call.query if name in names}
    if len(given) != 1:
        return None
    (patient,) = given
    return None if not patient or "," in patient or "/" in patient else patient


async def _caller(call: Call) -> Account | None:
    door = call.door
    if door.open:
        return None
    if (given := call.headers.get(b"authorization")) is not None:
        kind, _, token = given.decode("latin-1").partition(" ")
        if token and kind.lower() == "bearer":
            return await door.callers.holder(
                door.store,
                given,
                call.now,
                lambda: token_holder(door.store.pool, door.keys, token.strip(), now=call.now),
            )
    # A form of another site would bring the cookie along, so it opens nothing but reading.
    if call.method not in ("GET", "HEAD"):
        return None
    cookie = call.headers.get(b"cookie")
    if not cookie:
        return None
    try:
        session = SimpleCookie(cookie.decode("latin-1")).get(door.cookie)
    except CookieError:
        return None
    if session is None:
        return None
    return await session_account(door.store.pool, door.keys, session.value, now=call.now)
