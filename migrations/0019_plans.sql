-- Messages that are planned: which, when, for whom; and who does not want to hear from a business after the event.

ALTER TABLE message
  ADD COLUMN due_at timestamptz,
  ADD COLUMN about_on date,
  ADD CONSTRAINT message_planned_for_an_instant CHECK (status <> 'planned' OR due_at IS NOT NULL),
  DROP CONSTRAINT message_subject_type_check,
  ADD CONSTRAINT message_subject_type_check CHECK (subject_type IN ('booking', 'waitlist', 'tenant'));
COMMENT ON COLUMN message.due_at IS 'when a planned message is due; its slot is the same as the tenant''s clock shows it';
COMMENT ON COLUMN message.about_on IS 'the day that a planned message speaks of: the plan may change, and it is told once';
-- What is due next, of all tenants: as small as what is planned, and read from its beginning.
CREATE INDEX message_planned ON message (due_at) WHERE status = 'planned';

ALTER TABLE tenant
  ADD COLUMN reminder_plan jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN reminder_plan_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN free_dates_weekday smallint CHECK (free_dates_weekday BETWEEN 0 AND 6),
  ADD COLUMN free_dates_time text NOT NULL DEFAULT '09:00' CHECK (free_dates_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');
COMMENT ON COLUMN tenant.reminder_plan IS 'by kind of message: is_on, days, at; a kind that is not here is as it comes';
COMMENT ON COLUMN tenant.reminder_plan_at IS 'since when it holds; nothing is planned for before';
COMMENT ON COLUMN tenant.free_dates_weekday IS 'when the business wants to hear which Saturdays are free; Monday is 0, null: never';

ALTER TABLE booking
  ADD COLUMN messages_paused boolean NOT NULL DEFAULT false,
  ADD COLUMN is_planned boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN booking.is_planned IS 'whether its planned messages are those that it should have; a sweep looks after the others';
CREATE INDEX booking_unplanned ON booking (id) WHERE NOT is_planned AND status IN ('confirmed', 'completed');

-- A plan that changes, or a clock, changes every booking that may still be written to: also one that is not planned
-- yet, for somebody may be planning it at this moment by what was so before, and is waited for.
CREATE FUNCTION plan_bookings_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE booking SET is_planned = false WHERE tenant_id = NEW.id
    AND status IN ('confirmed', 'completed') AND event_on > current_date - 120;
  -- What the business itself is going to get is planned anew at once, on the new clock.
  IF OLD.timezone IS DISTINCT FROM NEW.timezone THEN
    UPDATE message SET status = 'cancelled' WHERE tenant_id = NEW.id AND subject_id = NEW.id AND status = 'planned';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER plan_bookings_anew AFTER UPDATE OF reminder_plan, timezone ON tenant FOR EACH ROW
  WHEN (OLD.reminder_plan IS DISTINCT FROM NEW.reminder_plan OR OLD.timezone IS DISTINCT FROM NEW.timezone)
  EXECUTE FUNCTION plan_bookings_anew();

-- Who wants nothing after the event, and the secret links to say so.
CREATE TABLE follow_up_stop (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  email text NOT NULL CHECK (email = lower(email)),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT follow_up_stop_once UNIQUE (tenant_id, email)
);
CALL protect_tenant_table('follow_up_stop');
CREATE TABLE follow_up_link (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  recipient text NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT follow_up_link_once UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id)
);
CREATE INDEX follow_up_link_expiry ON follow_up_link (expires_at);
CALL protect_tenant_table('follow_up_link');

GRANT CREATE ON SCHEMA public TO aisle_platform;
CREATE FUNCTION tenant_id_by_follow_up_link(wanted bytea) RETURNS TABLE (tenant_id uuid, link_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT k.tenant_id, k.id FROM follow_up_link k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.token_hash = wanted AND t.is_active $$;
ALTER FUNCTION tenant_id_by_follow_up_link(bytea) OWNER TO aisle_platform;
REVOKE CREATE ON SCHEMA public FROM aisle_platform;
REVOKE EXECUTE ON FUNCTION tenant_id_by_follow_up_link(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_id_by_follow_up_link(bytea) TO aisle_app;
