-- The visits (44 is Encounter) of an institution by time: a work list of today must not read through
-- what else there is, and no index by patient or by code leads to it.
create index resource_visits on store.resource (source, dated desc, id desc)
    where type = 44 and not deleted;
