-- Where programs are told what has happened.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  -- '@acme'; NULL: all that anyone may see, for those who run the registry.
  scope TEXT,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- JSON: types of events.
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- The secret before, with which is signed too until it ends.
  former_secret TEXT,
  former_until TEXT,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  -- Since when nothing has arrived.
  failing_since TEXT,
  -- Events that found the queue full.
  dropped BIGINT NOT NULL DEFAULT 0,
  disabled_at TEXT,
  disabled_because TEXT
);
CREATE INDEX webhooks_by_scope ON webhooks (scope);

CREATE TABLE webhook_deliveries (
  -- What 'webhook-id' says, whenever it is sent.
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id),
  type TEXT NOT NULL,
  -- JSON, to the byte as it is signed.
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- 'waiting', 'delivered' or 'failed'.
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  -- When it is sent next; a server that sends it has moved this on, so that another does not.
  due_at TEXT NOT NULL,
  sending_until TEXT,
  attempted_at TEXT,
  -- What came of the last attempt.
  status INTEGER,
  failure TEXT,
  response TEXT
);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, due_at);
