-- Consent to sharing, breaking the glass, guardians, notices and objections.

-- Whom the resident showed the code at which institution, and which sensitive topics the resident
-- confirmed for that clinician with it. Presentations of older releases name no institution.
alter table policy.presented
    add column account_name text   not null default '',
    add column institution  text,
    add column topics       text[] not null default '{}';
create index presented_person on policy.presented (person, at);

-- Every state of a resident's consent, whole; the one with the highest number is in force. The same
-- transaction writes the FHIR Consent `resource`. Rows are never changed.
create table policy.consent (
    person             text collate "C" not null,
    number             integer     not null,
    kind               text        not null check (kind in ('give', 'narrow', 'withdraw')),
    given              boolean     not null,
    without_sources    text[]      not null,    -- whose data others do not see
    without_recipients text[]      not null,    -- who sees nothing of others
    without_topics     text[]      not null,
    since              timestamptz,             -- of the data
    until              timestamptz,
    text_version       text        not null,    -- of the form that was agreed to
    text_digest        bytea       not null,    -- its SM3
    evidence           text        not null check (evidence in ('page', 'paper')),
    document           text        not null,    -- number of the paper, empty of a page
    resource           text collate "C" not null,
    account            text,                    -- who did it; null: the operator
    account_name       text        not null,
    role               text        not null,
    institution        text,
    at                 timestamptz not null,
    primary key (person, number)
);

-- A record opened without any right but need, for a short time; reviewed afterwards.
create table policy.glass (
    id           uuid        primary key,
    account      uuid        not null,
    account_name text        not null,
    self         text,                          -- the Person of the account, if it is known
    role         text        not null,
    institution  text,
    person       text collate "C" not null,
    reason       text        not null,          -- a code of glass.py
    explanation  text        not null,
    opened       timestamptz not null,
    until        timestamptz not null,          -- brought forward if it was found not justified
    due          timestamptz not null,          -- when a decision must be there
    state        text        not null check (state in ('waiting', 'asked', 'justified', 'not-justified'))
);
create index glass_account on policy.glass (account, person, until);
create index glass_person on policy.glass (person, opened);
create index glass_open on policy.glass (due) where state in ('waiting', 'asked');

-- What was said of it: questions, answers, the decision. Rows are never changed.
create table policy.glass_step (
    glass        uuid        not null references policy.glass (id),
    number       integer     not null,
    kind         text        not null check (kind in ('asked', 'answered', 'justified', 'not-justified')),
    account      uuid        not null,
    account_name text        not null,
    words        text        not null,
    at           timestamptz not null,
    primary key (glass, number)
);

-- Who acts for whom. `ward` is null where what was typed fits no resident: nobody is told.
create table policy.guardian (
    id           uuid        primary key,
    guardian     text collate "C" not null,
    ward         text collate "C",
    ward_name    text        not null,
    claimed      bigint,                        -- keyed hash of the ID number that was typed
    kind         text        not null check (kind in ('child', 'care')),
    evidence     text        not null,          -- a code of guardians.py
    document     text        not null,
    institution  text        not null,          -- where it is checked
    state        text        not null check (state in ('asked', 'recorded', 'confirmed', 'refused', 'ended')),
    asked        timestamptz not null,
    asked_by     uuid        not null,
    asked_name   text        not null,
    decided      timestamptz,
    decided_by   uuid,
    decided_name text        not null default '',
    words        text        not null default '',
    begins       date        not null,
    ends         date,                          -- the first day on which it is over
    born         date,                          -- of the ward, as it was known when confirmed
    ended        timestamptz
);
create index guardian_guardian on policy.guardian (guardian, ward);
create index guardian_ward on policy.guardian (ward) where ward is not null;
create index guardian_open on policy.guardian (institution, asked) where state in ('asked', 'recorded');

-- What a resident must be told. Other channels (text message, mail) send what `sent` leaves open.
create table policy.notice (
    id       uuid        primary key,
    person   text collate "C" not null,
    kind     text        not null,
    about    text        not null,              -- id of what it is about
    facts    json        not null,
    at       timestamptz not null,
    seen     timestamptz,
    sent     timestamptz,
    channel  text
);
create index notice_person on policy.notice (person, at);
create index notice_unsent on policy.notice (at) where sent is null;

-- A resident objects to an entry of the audit log and gets an answer within a term.
create table policy.objection (
    id           uuid        primary key,
    person       text collate "C" not null,
    account      uuid        not null,
    mark         text        not null,          -- of the entry, see audit/looks.py
    entry        json        not null,          -- what it said: who, when, what
    words        text        not null,
    at           timestamptz not null,
    due          timestamptz not null,
    answer       text        not null default '',
    founded      boolean,
    answered     timestamptz,
    answered_by  uuid,
    answered_name text       not null default '',
    unique (person, mark)
);
create index objection_open on policy.objection (due) where answered is null;
