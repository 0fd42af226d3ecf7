-- Codes that sources sent and no map knows: the queue of an information centre.

create schema if not exists terminology;

-- `target` is the code system that the code should be mapped to, as far as whoever read the message
-- knows. `samples` are at most five references (Type/id) to resources that hold the code; they
-- name no person. `places` are the elements (Observation.code) in which it was found.
create table terminology.unmapped (
    source       text not null,
    system       text not null,
    code         text not null,
    display      text not null default '',
    target       text not null default '',
    count        bigint not null default 0,
    first_seen   timestamptz not null,
    last_seen    timestamptz not null,
    samples      text[] not null default '{}',
    places       text[] not null default '{}',
    mapped       timestamptz,
    mapped_by    text,
    primary key (source, system, code)
);
create index unmapped_waiting on terminology.unmapped (count desc, source, system, code)
    where mapped is null;
