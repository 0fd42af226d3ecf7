-- Health files (居民健康档案) by the village or community that residents live in, as
-- record.files.rates has them: residents, those of them with a file, files, used and complete ones.
create table region.files (
    place      text collate "C" primary key,
    people     integer not null,
    with_file  integer not null,
    files      integer not null,
    used       integer not null,
    complete   integer not null
);
