-- Apps that come through OAuth 2 and SMART on FHIR: who registered them, what was granted to them.

create table accounts.app (
    id             uuid        primary key,       -- the client_id
    name           text        not null,
    purpose        text        not null,          -- what it does, in words for residents
    owner          text        not null,          -- who answers for it
    contact        text        not null,
    kind           text        not null check (kind in ('public', 'confidential', 'system')),
    organisation   text        references accounts.organisation (id),  -- of a system: whose it is
    redirects      text[]      not null default '{}',
    launch         text,                          -- where an EHR launch leads to
    scopes         text[]      not null,          -- the most it may be granted
    keys           text,                          -- its public keys, a JWK set
    keys_url       text,                          -- or where they lie
    secret_hash    bytea,                         -- keyed
    access_minutes smallint    not null default 60 check (access_minutes between 5 and 60),
    offline_days   smallint    not null default 90 check (offline_days between 1 and 366),
    state          text        not null default 'requested'
        check (state in ('requested', 'approved', 'suspended')),
    requested      timestamptz not null,
    requested_by   text        not null,          -- id of an account, or 'operator'
    decided        timestamptz,
    decided_by     text
);

-- What somebody granted to an app, or an app was given for itself: all tokens that came of it.
create table accounts.oauth_grant (
    id        uuid        primary key,
    app       uuid        not null references accounts.app (id),
    account   uuid        references accounts.account (id),  -- null: the app acts for itself
    post      uuid        references accounts.post (id),
    about     text,                               -- id of the Person that `patient/` scopes mean
    patient   text,                               -- one of that Person's Patients, for the app
    scopes    text[]      not null,
    lasts     text        not null check (lasts in ('once', 'online', 'offline')),
    nonce     text,
    begun     timestamptz not null,
    ends      timestamptz not null,               -- no token of it is good for longer
    ended     timestamptz,
    why_ended text
);
create index oauth_grant_account on accounts.oauth_grant (account) where ended is null;
create index oauth_grant_app on accounts.oauth_grant (app) where ended is null;

create table accounts.oauth_code (
    code_hash bytea       primary key,            -- keyed
    grant_id  uuid        not null references accounts.oauth_grant (id),
    redirect  text        not null,
    challenge text        not null,               -- of PKCE, S256
    expires   timestamptz not null,
    used      timestamptz
);
create index oauth_code_expires on accounts.oauth_code (expires);

-- Each is used once and gives the next; one that comes again ends the whole grant.
create table accounts.oauth_refresh (
    token_hash bytea       primary key,           -- keyed
    grant_id   uuid        not null references accounts.oauth_grant (id),
    made       timestamptz not null,
    used       timestamptz
);
create index oauth_refresh_grant on accounts.oauth_refresh (grant_id);

-- What a page of ours hands to an app that it opens: used once, within minutes.
create table accounts.oauth_launch (
    token_hash bytea       primary key,           -- keyed
    app        uuid        not null references accounts.app (id),
    account    uuid        not null references accounts.account (id),
    about      text        not null,
    expires    timestamptz not null,
    used       timestamptz
);
create index oauth_launch_expires on accounts.oauth_launch (expires);

-- The `jti` of assertions, as long as the assertion could come again.
create table accounts.oauth_assertion (
    app      uuid        not null references accounts.app (id),
    jti_hash bytea       not null,
    expires  timestamptz not null,
    primary key (app, jti_hash)
);
create index oauth_assertion_expires on accounts.oauth_assertion (expires);

-- What identity tokens are signed with; the private part is encrypted under the platform's key.
create table accounts.oauth_key (
    id      text        primary key,              -- the `kid`
    private bytea       not null,
    made    timestamptz not null,
    retired timestamptz
);

alter table accounts.token
    add column oauth_grant uuid references accounts.oauth_grant (id),
    add column scopes      text[],
    add column revoked     timestamptz;
create index token_oauth_grant on accounts.token (oauth_grant) where oauth_grant is not null;
create index token_expires on accounts.token (expires);

-- Whoever had got hold of an account let apps in as well: with a new password these end, too.
create function accounts.password_was_set() returns trigger language plpgsql as $$
begin
    update accounts.oauth_grant set ended = new.password_set, why_ended = 'new-password'
        where account = new.id and ended is null;
    return null;
end $$;
create trigger account_password after update of password_set on accounts.account
    for each row when (new.password_set is distinct from old.password_set)
    execute function accounts.password_was_set();

-- One number that grows with every change which may take a right away. Whoever remembers a caller
-- asks for it first; so what is taken away is gone at the next request, in every process. It grows
-- when the transaction commits, as its last act: nobody waits for it longer than for that.
create table accounts.rights_change (
    one    boolean primary key default true check (one),
    number bigint  not null,
    by     xid8
);
insert into accounts.rights_change (number) values (1);
create function accounts.rights_changed() returns trigger language plpgsql as $$
begin
    update accounts.rights_change set number = number + 1, by = pg_current_xact_id()
        where by is distinct from pg_current_xact_id();
    return null;
end $$;
create constraint trigger account_rights after update of disabled, person or delete
    on accounts.account deferrable initially deferred
    for each row execute function accounts.rights_changed();
create constraint trigger post_rights after update or delete
    on accounts.post deferrable initially deferred
    for each row execute function accounts.rights_changed();
create constraint trigger app_rights after update of state, scopes, organisation or delete
    on accounts.app deferrable initially deferred
    for each row execute function accounts.rights_changed();
create constraint trigger grant_rights after update of ended, scopes or delete
    on accounts.oauth_grant deferrable initially deferred
    for each row execute function accounts.rights_changed();
create constraint trigger token_rights after update of expires, revoked or delete
    on accounts.token deferrable initially deferred
    for each row execute function accounts.rights_changed();
