-- The policy as it was, is, and may become: each version is the whole table as text.

create table policy.version (
    number        integer     primary key,
    kind          text        not null check (kind in ('shipped', 'edit', 'rollback')),
    state         text        not null check (state in ('proposed', 'in-force', 'past', 'rejected')),
    text          text        not null,
    digest        bytea       not null,     -- SM3 of the text
    base          integer     references policy.version,    -- what was in force when it was proposed
    why           text        not null,
    proposed_by   uuid,                     -- null: the release that brought it
    proposed_name text        not null,
    proposed_self text,                     -- the Person of the account, if it is known
    proposed      timestamptz not null,
    decided_by    uuid,
    decided_name  text        not null default '',
    decision      text        not null default '',
    decided       timestamptz
);
create unique index version_in_force on policy.version ((true)) where state = 'in-force';
create unique index version_shipped on policy.version (digest) where kind = 'shipped';
