-- Advice that was given to clinicians in their own system, and what they did with it.

create schema if not exists cds;

create table cds.card (
    id           uuid primary key,
    service      text not null,
    rule         text not null,
    what         text not null,                    -- the item of the list, or the class: no data
    client       text collate "C" not null,
    account      uuid not null,
    institution  text collate "C" not null,
    person       text collate "C" not null,
    at           timestamptz not null
);
create index card_at on cds.card (at);
create index card_person on cds.card (person);

create table cds.feedback (
    card         uuid not null references cds.card (id) on delete cascade,
    at           timestamptz not null,
    outcome      text not null check (outcome in ('accepted', 'overridden')),
    suggestions  uuid[] not null,
    reason       text not null,                    -- code of the reason; '' where none was given
    comment      text not null,
    primary key (card, at)
);
