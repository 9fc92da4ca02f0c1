-- How much somebody may still do: a bucket that fills as time passes. One that is full again is as good as none.
CREATE TABLE buckets (
  -- 'version user:…'.
  key TEXT PRIMARY KEY,
  tokens DOUBLE PRECISION NOT NULL,
  -- Milliseconds since 1970.
  at BIGINT NOT NULL
);
CREATE INDEX buckets_by_time ON buckets (at);
