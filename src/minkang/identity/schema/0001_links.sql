-- Which Patients of which sources are one person. Clinical rows are never touched by it.

create schema if not exists identity;

create table identity.person (
    id    text collate "C" primary key,
    code  text not null unique,
    made  timestamptz not null default now()
);

create table identity.link (
    patient  text collate "C" primary key,
    person   text collate "C" not null references identity.person,
    rule     text not null check (rule in ('id-number', 'apart')),
    since    timestamptz not null default now()
);
create index link_person on identity.link (person);

-- Every link that ever stood; `until` is set when another took its place.
create table identity.link_history (
    patient  text collate "C" not null,
    person   text collate "C" not null,
    rule     text not null,
    since    timestamptz not null,
    until    timestamptz not null default now(),
    primary key (patient, since)
);
