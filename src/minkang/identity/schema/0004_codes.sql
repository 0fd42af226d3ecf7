-- Electronic health codes: their keys, the codes issued, what was used up, cards bound to people.

-- Keys of codes, wrapped by the envelope key as data keys are. `token`: our own tokens; `card-root`
-- and `card-protection`: the published health card. `wrapped` null: destroyed.
create table identity.code_key (
    kind      text not null check (kind in ('token', 'card-root', 'card-protection')),
    version   integer not null,
    wrapped   bytea,
    wrapping  text not null,
    made      timestamptz not null default clock_timestamp(),
    retired   timestamptz,
    primary key (kind, version)
);

-- A code follows the link of one Patient, so that it belongs to whoever that Patient belongs to,
-- through every merge and back; `person` is who it was issued to.
create table identity.code (
    id        bigint generated always as identity primary key,
    person    text collate "C" not null,
    patient   text collate "C" not null,
    kind      smallint not null check (kind in (1, 2)),  -- 1 临时, 2 正式
    state     text not null check (state in ('issued', 'frozen', 'lost', 'revoked', 'replaced')),
    issued    timestamptz not null,
    changed   timestamptz not null,
    consent   integer not null,
    replaces  bigint references identity.code
);
create index code_person on identity.code (person);
create index code_patient on identity.code (patient);
create unique index code_live on identity.code (patient)
    where state in ('issued', 'frozen', 'lost');

-- Every state that a code ever had, and who put it there.
create table identity.code_change (
    code          bigint not null references identity.code on delete cascade,
    number        integer not null,
    state         text not null,
    at            timestamptz not null,
    account       text,
    account_name  text not null default '',
    role          text not null default '',
    institution   text,
    reason        text not null default '',
    primary key (code, number)
);

-- What can be shown once only, and was: kept until it would not count any more.
create table identity.code_used (
    nonce  bytea primary key,
    until  timestamptz not null
);
create index code_used_until on identity.code_used (until);

-- Other cards and codes of a person. Only a keyed digest of the number is kept, and its ending.
-- `claimed`: somebody else's by another binding (`against`), and waits for a decision.
create table identity.card (
    id            bigint generated always as identity primary key,
    kind          text not null,
    issuer        text not null default '',
    digest        bytea not null,
    ending        text not null default '',
    person        text collate "C" not null,
    patient       text collate "C" not null,
    state         text not null check (state in ('bound', 'unbound', 'claimed', 'refused')),
    proof         text not null check (proof in ('desk', 'patient', 'issue')),
    key_version   integer,
    against       bigint references identity.card on delete set null,
    bound         timestamptz not null,
    ended         timestamptz,
    account       text,
    account_name  text not null default '',
    institution   text,
    decided_by    text,
    decided_name  text not null default ''
);
create unique index card_bound on identity.card (digest) where state = 'bound';
create index card_claimed on identity.card (institution, bound) where state = 'claimed';
create index card_person on identity.card (person);
create index card_patient on identity.card (patient);
