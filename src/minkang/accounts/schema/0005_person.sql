-- Accounts of the same Person are looked at together when a post is given.
create index account_person on accounts.account (person) where person is not null;
