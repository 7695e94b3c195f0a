-- Who waits for a date that is taken. When it frees, the first of them gets it for two days, with a link.

CREATE TABLE waitlist_entry (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid NOT NULL,
  package_id uuid NOT NULL,
  event_on date NOT NULL,
  days smallint NOT NULL CHECK (days >= 1),
  buffer_days smallint NOT NULL CHECK (buffer_days >= 0),
  name text NOT NULL,
  email text NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'offered', 'taken', 'lapsed', 'left')),
  booking_id uuid,
  created_at timestamptz NOT NULL,
  offered_at timestamptz,
  offer_ends_at timestamptz,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  CONSTRAINT waitlist_entry_offer_is_whole CHECK ((offered_at IS NULL) = (offer_ends_at IS NULL)
    AND (status NOT IN ('offered', 'taken') OR offered_at IS NOT NULL)),
  CONSTRAINT waitlist_entry_taken_by_a_booking CHECK (status <> 'taken' OR booking_id IS NOT NULL),
  CONSTRAINT waitlist_entry_has_its_end CHECK ((status IN ('waiting', 'offered')) = (ended_at IS NULL)),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id),
  FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN waitlist_entry.days IS 'of the package when it was asked for, as are buffer_days and resource_id';
COMMENT ON COLUMN waitlist_entry.booking_id IS 'what its offer became: held, and sold once it is paid; its days go back to the offer if it is not';
-- Nobody stands in one queue twice.
CREATE UNIQUE INDEX waitlist_entry_once ON waitlist_entry (tenant_id, resource_id, event_on, lower(email))
  WHERE status IN ('waiting', 'offered');
CREATE INDEX waitlist_entry_queue ON waitlist_entry (tenant_id, resource_id, event_on, created_at)
  WHERE status IN ('waiting', 'offered');
CREATE INDEX waitlist_entry_waiting ON waitlist_entry (event_on) WHERE status = 'waiting';
CREATE INDEX waitlist_entry_offers ON waitlist_entry (offer_ends_at) WHERE status = 'offered';
CREATE INDEX waitlist_entry_ended ON waitlist_entry (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX waitlist_entry_booking ON waitlist_entry (tenant_id, booking_id) WHERE booking_id IS NOT NULL;
CALL protect_tenant_table('waitlist_entry');

ALTER TABLE date_claim ADD FOREIGN KEY (tenant_id, waitlist_id) REFERENCES waitlist_entry (tenant_id, id);

-- Secrets of emailed links, as SHA-256 only; each mail has its own.
CREATE TABLE waitlist_token (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  entry_id uuid NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT waitlist_token_once UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES waitlist_entry (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX waitlist_token_entry ON waitlist_token (tenant_id, entry_id);
CREATE INDEX waitlist_token_expiry ON waitlist_token (expires_at);
CALL protect_tenant_table('waitlist_token');

GRANT CREATE ON SCHEMA public TO aisle_platform;
CREATE FUNCTION tenant_id_by_waitlist_token(wanted bytea) RETURNS TABLE (tenant_id uuid, token_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT k.tenant_id, k.id FROM waitlist_token k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.token_hash = wanted AND t.is_active $$;
ALTER FUNCTION tenant_id_by_waitlist_token(bytea) OWNER TO aisle_platform;
REVOKE CREATE ON SCHEMA public FROM aisle_platform;
REVOKE EXECUTE ON FUNCTION tenant_id_by_waitlist_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_id_by_waitlist_token(bytea) TO aisle_app;

ALTER TABLE message DROP CONSTRAINT message_subject_type_check,
  ADD CONSTRAINT message_subject_type_check CHECK (subject_type IN ('booking', 'waitlist'));
