-- Verifications asked for on the page, or made every night, and what they found. No part of the log.

create table audit.run (
    id        bigint      generated always as identity primary key,
    asked     timestamptz not null,
    asked_by  text        not null,     -- name of who asked, or 'nightly'
    since     timestamptz,              -- only entries from then on; null: all
    begun     timestamptz,
    passed    bigint      not null default 0,
    entries   bigint      not null default 0,   -- how many there were to look at, about
    ended     timestamptz,
    result    text                              -- JSON of a Verification, or of what kept it from one
);
