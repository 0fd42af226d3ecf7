-- A source sends by several channels, is tried before it is live, and has credentials of its own.

alter table exchange.source add column channels text[];
update exchange.source set channels = array[channel];
alter table exchange.source
    alter column channels set not null,
    drop column channel,
    add constraint source_channels check (
        cardinality(channels) > 0
        and channels <@ array['mllp', 'table', 'document', 'fhir', 'wst']),
    add column stage text not null default 'live' check (stage in ('trial', 'live')),
    add column contact text not null default '',
    add column silent_after integer not null default 1440 check (silent_after > 0),
    add column messages_per_minute integer check (messages_per_minute > 0),
    add column addresses text[] not null default '{}';

-- What comes while a source is tried is kept and judged, and goes no further.
alter table exchange.message drop constraint message_state_check;
alter table exchange.message add constraint message_state_check
    check (state in ('waiting', 'stored', 'quarantined', 'trial'));
create index message_trial on exchange.message (source, id) where state = 'trial';

-- `hash` is keyed; the secret itself is shown once and kept nowhere.
create table exchange.credential (
    id         uuid primary key default gen_random_uuid(),
    source     text not null references exchange.source on delete cascade,
    label      text not null,
    hash       bytea not null unique,
    created    timestamptz not null,
    last_used  timestamptz,
    revoked    timestamptz
);
create index credential_source on exchange.credential (source);
