-- How often the bytes of a version were handed out, by the hour; older hours become days.
CREATE TABLE downloads_hourly (
  log_index BIGINT NOT NULL,
  -- '2026-11-02T10'.
  hour TEXT NOT NULL,
  -- 'direct', 'ci' or 'mirror'.
  class TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (log_index, hour, class)
);
CREATE INDEX downloads_hourly_by_hour ON downloads_hourly (hour);

CREATE TABLE downloads_daily (
  log_index BIGINT NOT NULL,
  -- '2026-11-02'.
  day TEXT NOT NULL,
  class TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (log_index, day, class)
);
CREATE INDEX downloads_daily_by_day ON downloads_daily (day);

-- Logs of CDNs that were counted, by their content: none counts twice.
CREATE TABLE download_imports (
  sha256 TEXT PRIMARY KEY,
  at TEXT NOT NULL,
  counted BIGINT NOT NULL
);
