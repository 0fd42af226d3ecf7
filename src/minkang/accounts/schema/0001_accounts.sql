create schema if not exists accounts;

create table accounts.organisation (
    id      text primary key,
    name    text not null,
    kind    text not null
);

create table accounts.account (
    id            uuid        primary key,
    login         text        not null,         -- as it was given
    login_key     text        not null unique,  -- its normal form, see login_key.py
    name          text        not null,
    role          text        not null,
    organisation  text        references accounts.organisation (id),
    person        text,                         -- the Person this account belongs to (residents)
    password_hash text        not null,         -- argon2id with its parameters
    disabled      boolean     not null default false,
    created       timestamptz not null
);
create index account_organisation on accounts.account (organisation);

-- Tokens are random; only their HMAC-SM3 is kept, so neither reading nor writing these tables
-- without the key gives a usable one.
create table accounts.session (
    token_hash bytea       primary key,
    account    uuid        not null references accounts.account (id),
    address    text        not null,
    created    timestamptz not null,
    seen       timestamptz not null,            -- to the minute
    ended      timestamptz
);
create index session_open on accounts.session (account) where ended is null;

create table accounts.token (
    token_hash   bytea       primary key,
    id           uuid        not null unique,
    role         text        not null,
    organisation text        references accounts.organisation (id),
    person       text,
    created      timestamptz not null,
    expires      timestamptz not null
);

-- Attempts to log in since the last success, by login, whether or not such an account exists.
create table accounts.failure (
    login_hash   bytea       primary key,       -- keyed: people type passwords into login fields
    failures     integer     not null,
    last         timestamptz not null,
    locked_until timestamptz
);
create index failure_last on accounts.failure (last);
