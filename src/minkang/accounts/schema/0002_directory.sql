-- Organisations as a tree; people with one or several posts; the post a session acts in.

alter table accounts.organisation
    add column parent      text        references accounts.organisation (id),
    add column level       text        not null default 'institution'
        check (level in ('province', 'city', 'county', 'institution', 'department', 'team')),
    add column division    text,                -- GB/T 2260, or a longer code of a town or village
    add column credit_code text        unique,  -- GB 32100, unified social credit code
    add column ends        timestamptz,         -- closed since; null: it works
    add column institution text,                -- itself or the nearest above of that level or higher
    add column changed     timestamptz not null default now();
update accounts.organisation set institution = id;
create index organisation_parent on accounts.organisation (parent);

-- One number that grows with every change of the tree, so that who keeps it in memory knows.
create table accounts.tree_change (
    single boolean primary key default true check (single),
    number bigint  not null
);
insert into accounts.tree_change (number) values (1);
create function accounts.tree_changed() returns trigger language plpgsql as $$
begin
    update accounts.tree_change set number = number + 1;
    return null;
end $$;
create trigger organisation_changed after insert or update or delete on accounts.organisation
    for each statement execute function accounts.tree_changed();

-- A post is never deleted and never changed but by its end: its rows are the history.
create table accounts.post (
    id           uuid        primary key,
    account      uuid        not null references accounts.account (id),
    role         text        not null,
    organisation text        references accounts.organisation (id),
    department   text        not null default '',  -- in words; a department of the tree is one too
    title        text        not null default '',
    begins       timestamptz not null,
    ends         timestamptz check (ends >= begins),
    given_by     text        not null,             -- id of an account, or 'operator'
    ended_by     text,
    why_ended    text
);
create index post_account on accounts.post (account);
create index post_organisation on accounts.post (organisation);

insert into accounts.post (id, account, role, organisation, begins, given_by)
    select gen_random_uuid(), id, role, organisation, created, 'operator' from accounts.account;
alter table accounts.account drop column role, drop column organisation;

alter table accounts.account
    add column if not exists must_change boolean not null default false,
    add column acts_in    uuid references accounts.post (id),  -- the post chosen last
    add column staff_code text unique,                         -- the person's number as staff
    add column licence    text unique,                         -- of the practising certificate
    add column sex        text not null default '' check (sex in ('', 'male', 'female')),
    add column phone      text not null default '';

alter table accounts.session add column post uuid references accounts.post (id);
update accounts.session s set post = p.id from accounts.post p
    where p.account = s.account and s.ended is null;

-- Of tokens that act for somebody: they work as long as the post is in force.
alter table accounts.token
    add column account uuid references accounts.account (id),
    add column post    uuid references accounts.post (id);

-- A spreadsheet of organisations and people between its dry run and the word of who checked it.
create table accounts.offered_people (
    id      uuid        primary key default gen_random_uuid(),
    account text        not null,
    at      timestamptz not null,
    digest  bytea       not null,   -- of the plan that was shown
    rows    bytea       not null
);

-- Who acts in which post at a time. Plain SQL that the planner takes into the query around it.
create function accounts.acting(at timestamptz) returns table (
    id uuid, login text, name text, person text, disabled boolean,
    post uuid, role text, organisation text, organisation_name text, institution text,
    begins timestamptz)
language sql stable as $$
    select a.id, a.login, a.name, a.person, a.disabled,
        p.id, p.role, p.organisation, o.name, o.institution, p.begins
    from accounts.post p
    join accounts.account a on a.id = p.account
    left join accounts.organisation o on o.id = p.organisation
    where p.begins <= at and (p.ends is null or p.ends > at)
$$;
