-- Calendars at Google, and secrets that only the application can read.

-- An address that reads a calendar is as secret as a key, so both are kept encrypted. No version that was given out has
-- stored an address: the columns come without a default, and this fails where a row would need one.
ALTER TABLE calendar_connection
  DROP CONSTRAINT calendar_connection_once,
  DROP CONSTRAINT calendar_connection_kind_check,
  DROP COLUMN address,
  ADD COLUMN secret text NOT NULL CHECK (secret LIKE 'v1.%'),
  ADD COLUMN fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  ADD COLUMN host text NOT NULL DEFAULT '',
  ADD COLUMN calendar_id text NOT NULL DEFAULT '',
  ADD COLUMN client_email text NOT NULL DEFAULT '',
  ADD COLUMN may_write boolean,
  ADD CONSTRAINT calendar_connection_kind_check CHECK (kind IN ('address', 'google')),
  ADD CONSTRAINT calendar_connection_google CHECK ((kind = 'google') = (calendar_id <> '' AND client_email <> '')),
  ADD CONSTRAINT calendar_connection_once UNIQUE (tenant_id, resource_id, fingerprint);
COMMENT ON COLUMN calendar_connection.secret IS 'an address, or the key of a service account; encrypted for this tenant and row';
COMMENT ON COLUMN calendar_connection.fingerprint IS 'keyed hash of the address or calendar, to know one that is connected already';
COMMENT ON COLUMN calendar_connection.host IS 'what of an address may be shown';
COMMENT ON COLUMN calendar_connection.client_email IS 'with whom the calendar at Google must be shared';
COMMENT ON COLUMN calendar_connection.may_write IS 'whether Google lets us write into it; null: not known yet';
