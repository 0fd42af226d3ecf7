-- Outbound targets mirror sources: what they get, what was sent, what the other side said of it.

create table exchange.target (
    id            text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name          text not null,
    form          text not null check (form in ('fhir', 'document', 'wst', 'table')),
    address       text not null,
    types         text[] not null check (cardinality(types) > 0),
    sources       text[],
    sensitive     boolean not null default false,
    columns       jsonb not null default '{}',
    batch         integer not null default 100 check (batch between 1 and 300),
    contact       text not null default '',
    enabled       boolean not null default true,
    trouble       text not null default '',
    troubles      integer not null default 0,
    next_try      timestamptz
);

-- One row for a resource and target: the version that the target should have, and has.
-- `waiting` until it is sent, `sent` until the target says what became of it.
create table exchange.delivery (
    id         bigint generated always as identity primary key,
    target     text not null references exchange.target on delete cascade,
    type       smallint not null,
    resource   text collate "C" not null,
    version    integer not null,
    changed    timestamptz not null,
    state      text not null default 'waiting'
               check (state in ('waiting', 'sent', 'confirmed', 'refused', 'passed-over')),
    alone      boolean not null default false,
    attempts   integer not null default 0,
    sent       timestamptz,
    receipt    text not null default '',
    place      text not null default '',
    rule       text not null default '',
    text       text not null default '',
    unique (target, type, resource)
);
create index delivery_waiting on exchange.delivery (target, id) where state = 'waiting';
create index delivery_sent on exchange.delivery (target, receipt) where state = 'sent';
create index delivery_changed on exchange.delivery (target, changed desc);
