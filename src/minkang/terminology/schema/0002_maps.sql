-- What a code was mapped to, where codes of sources stand, and what is to be coded anew.

-- `map_version` is the version of the source's ConceptMap that decided on the code last: whoever
-- read an older one does not know better. Without `mapped_code` a decided code has no counterpart.
alter table terminology.unmapped
    add column map_version    integer not null default 0,
    add column mapped_system  text not null default '',
    add column mapped_code    text not null default '',
    add column mapped_display text not null default '',
    add column equivalence    text not null default '';
create index unmapped_decided on terminology.unmapped (mapped desc, source, system, code)
    where mapped is not null;
create index unmapped_display on terminology.unmapped (display)
    where mapped is not null and mapped_code <> '' and display <> '';

-- Elements (Observation.code) in which codes of a source's own code system stand, mapped or not.
create table terminology.place (
    source  text not null,
    system  text not null,
    place   text not null,
    primary key (source, system, place)
);
insert into terminology.place
select distinct source, system, unnest(places) from terminology.unmapped on conflict do nothing;

-- Stored resources are coded anew after a map has changed, a page at a time. `codes` are pairs of
-- system and code. `horizon`: when every transaction below it has ended, nobody writes any more
-- by the map as it was before. `steps` are the searches that find what to code anew, `step` and
-- `after` the place in them.
create table terminology.recoding (
    id         bigint generated always as identity primary key,
    source     text not null,
    codes      jsonb not null,
    requested  timestamptz not null,
    decided_by text not null,
    horizon    xid8,
    steps      jsonb,
    step       integer not null default 0,
    after      text,
    looked     bigint not null default 0,
    changed    bigint not null default 0,
    finished   timestamptz
);
create index recoding_open on terminology.recoding (id) where finished is null;

-- Tables of a source's map that were read and found right, until somebody confirms them. `meanings`
-- is JSON.
create table terminology.offered_map (
    id         uuid primary key default gen_random_uuid(),
    source     text not null,
    offered    timestamptz not null,
    offered_by text not null,
    meanings   bytea not null
);
