-- What the identity desk does with a pair of registrations before it decides: somebody takes it, so
-- that no two people work on one; somebody puts it off for some days, with a reason.

create table identity.review_desk (
    a                text collate "C" not null,
    b                text collate "C" not null,
    taken_by         text,
    taken_name       text,
    taken_until      timestamptz,
    deferred_by      text,
    deferred_name    text,
    deferred_until   timestamptz,
    deferred_reason  text,
    primary key (a, b),
    check (a < b)
);
create index review_desk_deferred on identity.review_desk (deferred_until)
    where deferred_until is not null;

-- The last changes of links, for the page that lists them.
create index link_history_until on identity.link_history (until desc);
