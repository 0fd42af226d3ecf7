-- Evidence that a resident showed the electronic health code to a clinician.

create schema if not exists policy;

create table policy.presented (
    account   uuid not null,
    person    text collate "C" not null,
    at        timestamptz not null,
    primary key (account, person, at)
);
