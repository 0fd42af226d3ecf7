-- Who wants large type and few things on a page, in whichever browser they log in.

create table accounts.simple_mode (
    account uuid        primary key references accounts.account (id),
    since   timestamptz not null
);
