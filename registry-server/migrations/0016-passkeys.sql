-- What an authenticator must sign, once: a challenge belongs to the session or the browser that has asked for it.
DROP TABLE challenges;
CREATE TABLE challenges (
  challenge TEXT PRIMARY KEY,
  -- 'register', 'sign-in' or 'second-factor'.
  purpose TEXT NOT NULL,
  -- 'session …', or 'browser …' with the SHA-256 of what its cookie says.
  binding TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX challenges_by_binding ON challenges (binding, expires_at);
CREATE INDEX challenges_by_time ON challenges (expires_at);
