-- What is sent to somebody once: opening it sets their password.
CREATE TABLE setup_links (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  expires_at TEXT NOT NULL
);

CREATE TABLE totp_secrets (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  -- Base32.
  secret TEXT NOT NULL,
  -- NULL: no code of it was ever shown.
  confirmed_at TEXT,
  -- The last 30 seconds of which a code was taken: none is taken twice.
  last_step BIGINT NOT NULL
);

CREATE TABLE passkeys (
  -- Base64url, as the authenticator says.
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  -- Base64url of the COSE key.
  public_key TEXT NOT NULL,
  counter BIGINT NOT NULL,
  -- With commas between.
  transports TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

CREATE TABLE recovery_codes (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id)
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- What an authenticator must sign, once.
CREATE TABLE challenges (
  challenge TEXT PRIMARY KEY,
  -- NULL: whoever signs in by it says who they are.
  user_id TEXT REFERENCES users (id),
  expires_at TEXT NOT NULL
);

-- A command line that waits for somebody to sign it in elsewhere.
CREATE TABLE device_logins (
  hash TEXT PRIMARY KEY,
  -- What a person types: 'BCDF-GHJK'.
  user_code TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  -- NULL until somebody has said yes; then the session that the device will have is theirs.
  user_id TEXT REFERENCES users (id),
  second_factor_at TEXT
);
