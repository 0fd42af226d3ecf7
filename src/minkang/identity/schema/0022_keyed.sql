-- By which blocking rules the keys in `identity.feature` and `identity.blocking` were made; '': not
-- known. A definition with others is in force for all once a batch has made them anew.
create table identity.keyed (
    single  boolean primary key default true check (single),
    rules   text not null
);
insert into identity.keyed (rules) values ('');
