-- Where Huey keeps its queue when there is no Redis. The shapes are those of huey.contrib.sql_huey; a schema of their
-- own keeps its short names (task, schedule) apart from ours. Rows are doorbells: losing them all loses nothing.
CREATE SCHEMA queue;
CREATE TABLE queue.kv (
  queue varchar(255) NOT NULL,
  key varchar(255) NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (queue, key)
);
CREATE TABLE queue.schedule (
  id serial PRIMARY KEY,
  queue varchar(255) NOT NULL,
  data bytea NOT NULL,
  timestamp bigint NOT NULL
);
CREATE INDEX schedule_due ON queue.schedule (queue, timestamp);
CREATE TABLE queue.task (
  id serial PRIMARY KEY,
  queue varchar(255) NOT NULL,
  data bytea NOT NULL,
  priority real NOT NULL DEFAULT 0
);
CREATE INDEX task_next ON queue.task (priority DESC, id);
CREATE TABLE queue.counter (
  queue varchar(255) NOT NULL,
  key varchar(255) NOT NULL,
  value integer NOT NULL,
  PRIMARY KEY (queue, key)
);
GRANT USAGE ON SCHEMA queue TO aisle_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO aisle_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO aisle_app;
