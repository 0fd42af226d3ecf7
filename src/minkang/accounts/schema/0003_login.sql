-- Log-in: second factors, recovery, limits of sessions, OIDC, service accounts. New columns have
-- constant defaults, so no table is rewritten.

alter table accounts.account
    add column if not exists must_change boolean not null default false,
    add column password_set  timestamptz,                    -- null: since the account was made
    add column password_past text[]  not null default '{}',  -- hashes of the last ones, newest first
    add column service       boolean not null default false; -- a service account: never logs in

-- `waits` are the steps that are still to be done before the session opens anything.
alter table accounts.session
    add column id        uuid,
    add column level     text        not null default 'password'
        check (level in ('password', 'second-factor', 'oidc')),
    add column waits     text[]      not null default '{}',
    add column browser   text        not null default '',
    add column idle      interval    not null default '30 minutes',
    add column ends      timestamptz,                        -- null: twelve hours after `created`
    add column confirmed timestamptz;                        -- identity last proven; null: `created`
-- A default of its own for each row would write the whole table anew; ended ones need no id.
alter table accounts.session alter column id set default gen_random_uuid();
update accounts.session set id = gen_random_uuid() where ended is null;
create unique index session_id on accounts.session (id);

-- Failures from one address (an IPv6 network of 64 bits), whatever the logins were.
create table accounts.address_failure (
    address      text        primary key,
    failures     integer     not null,
    first        timestamptz not null,
    last         timestamptz not null,
    locked_until timestamptz
);
create index address_failure_last on accounts.address_failure (last);

-- RFC 6238. `secret` is sealed; one that is not confirmed yet opens nothing and asks for nothing.
create table accounts.second_factor (
    account      uuid        primary key references accounts.account (id),
    secret       bytea       not null,
    created      timestamptz not null,
    confirmed    timestamptz,
    last_step    bigint      not null default 0,  -- no time step is accepted twice
    failures     integer     not null default 0,
    locked_until timestamptz
);

create table accounts.recovery_code (
    account   uuid  not null references accounts.account (id),
    code_hash bytea not null,                     -- keyed
    used      timestamptz,
    primary key (account, code_hash)
);

-- A link with which somebody sets a new password, made by an administrator.
create table accounts.recovery_link (
    token_hash bytea       primary key,           -- keyed
    account    uuid        not null references accounts.account (id),
    factor     boolean     not null,              -- it also takes the second factor away
    created    timestamptz not null,
    made_by    text        not null,
    expires    timestamptz not null,
    used       timestamptz
);
create index recovery_link_account on accounts.recovery_link (account) where used is null;

-- Whom a provider's subject is here; made by the account's owner or an administrator.
create table accounts.oidc_link (
    provider text        not null,
    subject  text        not null,
    account  uuid        not null references accounts.account (id),
    created  timestamptz not null,
    made_by  text        not null,
    primary key (provider, subject),
    unique (account, provider)
);

-- Log-ins that are under way at a provider: each is used once, within minutes.
create table accounts.oidc_attempt (
    state_hash bytea       primary key,           -- keyed
    provider   text        not null,
    next       text        not null,
    account    uuid        references accounts.account (id),  -- who is linking, if it is no log-in
    created    timestamptz not null
);
create index oidc_attempt_created on accounts.oidc_attempt (created);

create table accounts.service_account (
    account  uuid        primary key references accounts.account (id),
    owner    text        not null,                -- who answers for it
    contact  text        not null,
    purpose  text        not null,
    created  timestamptz not null,
    made_by  text        not null,
    expires  timestamptz not null,
    rotated  timestamptz,                         -- its secrets are older than this: worthless
    ended    timestamptz
);
