-- What is judged of every resource, what failed, what is held, and what sources say they sent.

-- The sets of rules that applied to resources: few, so that a resource names one by its number.
create table exchange.rule_set (
    number  integer generated always as identity primary key,
    rules   text[] not null unique
);

-- One row a resource that was judged: which day it counts for, and by which rules.
create table exchange.judged (
    type    smallint not null,
    id      text collate "C" not null,
    source  text not null,
    day     date not null,
    rules   integer not null references exchange.rule_set,
    primary key (type, id)
);
create index judged_source on exchange.judged (source);

-- Only what failed.
create table exchange.judgement (
    type    smallint not null,
    id      text collate "C" not null,
    rule    text not null,
    source  text not null,
    day     date not null,
    primary key (type, id, rule)
);
create index judgement_day on exchange.judgement (source, day, rule);

-- `dimension` is that of the rule, so that a page of all sources need not know the rules.
create table exchange.quality_day (
    source     text not null,
    day        date not null,
    rule       text not null,
    type       smallint not null,
    dimension  text not null,
    judged     bigint not null,
    failed     bigint not null,
    primary key (source, day, rule, type)
);
create index quality_day_day on exchange.quality_day (day);

-- Revision of the rules by which everything so far was judged.
create table exchange.quality_rules (
    revision  text not null,
    one       boolean primary key default true check (one)
);

-- What resources say of each other, by which linkage and uniqueness are judged. `role`: `is` (a name
-- of the resource itself), `of` (it names another), `same` (what no two of a source should share).
create table exchange.mention (
    type    smallint not null,
    id      text collate "C" not null,
    role    text not null check (role in ('is', 'of', 'same')),
    target  text collate "C" not null,
    primary key (type, id, role, target)
);
create index mention_target on exchange.mention (target, role);

-- What counts when a source's own figures are compared. `number` is the source's own; `visit` the id
-- of the Encounter whose department stands where none is said.
create table exchange.held (
    type        smallint not null,
    id          text collate "C" not null,
    kind        text not null check (kind in
        ('visits', 'admissions', 'discharges', 'reports', 'prescriptions', 'fees')),
    source      text not null,
    day         date not null,
    number      text not null,
    department  text,
    amount      numeric,
    visit       text collate "C",
    primary key (type, id, kind)
);
create index held_day on exchange.held (source, day, kind);
create index held_number on exchange.held (source, kind, number);

-- What a source says it has. `department` is empty for the whole institution.
create table exchange.reported (
    source      text not null references exchange.source on delete cascade,
    day         date not null,
    kind        text not null,
    department  text not null,
    count       bigint not null check (count >= 0),
    sum         numeric,
    received    timestamptz not null default clock_timestamp(),
    primary key (source, day, kind, department)
);

-- The numbers of all items, where the source lists them.
create table exchange.reported_item (
    source  text not null references exchange.source on delete cascade,
    day     date not null,
    kind    text not null,
    number  text not null,
    primary key (source, day, kind, number)
);
create index reported_item_number on exchange.reported_item (source, kind, number);

-- The comparison, made anew for each day and kind of which something has changed (`due`).
create table exchange.reconciled (
    source        text not null,
    day           date not null,
    kind          text not null,
    held          bigint not null,
    held_sum      numeric,
    reported      bigint,
    reported_sum  numeric,
    missing       bigint not null default 0,
    surplus       bigint not null default 0,
    state         text not null check (state in ('proven', 'differs', 'unproven')),
    compared      timestamptz not null default clock_timestamp(),
    primary key (source, day, kind)
);
create table exchange.reconcile_due (
    source  text not null,
    day     date not null,
    kind    text not null,
    primary key (source, day, kind)
);

-- What a source is asked to send again; without numbers the whole day. `open` until the source has
-- fetched it, `answered` until everything has come, then `closed`.
create table exchange.resend_request (
    id        bigint generated always as identity primary key,
    source    text not null references exchange.source on delete cascade,
    day       date not null,
    kind      text not null,
    numbers   text[] not null,
    state     text not null default 'open' check (state in ('open', 'answered', 'closed')),
    made      timestamptz not null default clock_timestamp(),
    made_by   text not null default '',
    answered  timestamptz,
    closed    timestamptz
);
create index resend_request_open on exchange.resend_request (source, id) where state <> 'closed';
