-- Of what is private the log has a commitment alone: SHA-256 of this salt (base64 of 32 bytes) and the leaf's text. NULL: the text itself.
ALTER TABLE log_leaves ADD COLUMN salt TEXT;
