-- Tables of one system are a source each, and yet number the same people: such sources share a
-- namespace. That they belong to one organisation is seen to when a source is registered.
alter table exchange.source drop constraint source_namespace_key;
create index on exchange.source (namespace);
