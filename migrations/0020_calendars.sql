-- Bookings for other calendars to subscribe, and days on which other calendars say that the business is busy.

-- The secret is computed from the key of the installation and the row's id; here is only its hash, to find the row by.
CREATE TABLE calendar_feed (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid,
  token_hash bytea NOT NULL CONSTRAINT calendar_feed_secret_once UNIQUE,
  made_by uuid REFERENCES user_account (id),
  made_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT calendar_feed_once UNIQUE NULLS NOT DISTINCT (tenant_id, resource_id),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
COMMENT ON COLUMN calendar_feed.resource_id IS 'null: all bookings of the business';
CALL protect_tenant_table('calendar_feed');

GRANT CREATE ON SCHEMA public TO aisle_platform;
CREATE FUNCTION tenant_id_by_calendar_feed(wanted bytea) RETURNS TABLE (tenant_id uuid, feed_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT f.tenant_id, f.id FROM calendar_feed f JOIN tenant t ON t.id = f.tenant_id
      WHERE f.token_hash = wanted AND t.is_active $$;
ALTER FUNCTION tenant_id_by_calendar_feed(bytea) OWNER TO aisle_platform;
REVOKE CREATE ON SCHEMA public FROM aisle_platform;
REVOKE EXECUTE ON FUNCTION tenant_id_by_calendar_feed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_id_by_calendar_feed(bytea) TO aisle_app;

CREATE TABLE calendar_connection (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('address')),
  name text NOT NULL,
  address text NOT NULL,
  is_whole_days_only boolean NOT NULL,
  created_by uuid REFERENCES user_account (id),
  created_at timestamptz NOT NULL,
  next_check_at timestamptz,
  asked_at timestamptz,
  checked_at timestamptz,
  read_at timestamptz,
  entries integer NOT NULL DEFAULT 0 CHECK (entries >= 0),
  left_out integer NOT NULL DEFAULT 0 CHECK (left_out >= 0),
  failure text NOT NULL DEFAULT '',
  failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
  UNIQUE (tenant_id, id),
  CONSTRAINT calendar_connection_once UNIQUE (tenant_id, resource_id, address),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
COMMENT ON COLUMN calendar_connection.address IS 'as secret as a password: whoever knows it reads the calendar';
COMMENT ON COLUMN calendar_connection.read_at IS 'when it was last read well; its busy days are those of then';
COMMENT ON COLUMN calendar_connection.asked_at IS 'a check was asked for and is not done; null when none is';
COMMENT ON COLUMN calendar_connection.left_out IS 'entries that were not understood or repeat more often than daily';
CREATE INDEX calendar_connection_due ON calendar_connection (next_check_at);
CALL protect_tenant_table('calendar_connection');

-- One row per day. It stays as long as the day stays busy, so that its key tells since when the day has been blocked.
CREATE TABLE external_busy (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  connection_id uuid NOT NULL,
  resource_id uuid NOT NULL,
  busy_on date NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT external_busy_once UNIQUE (tenant_id, connection_id, busy_on),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES calendar_connection (tenant_id, id),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
CREATE INDEX external_busy_day ON external_busy (tenant_id, resource_id, busy_on);
CALL protect_tenant_table('external_busy');
