-- Bookings as events in calendars at Google.

ALTER TABLE calendar_connection ADD COLUMN ended_at timestamptz;
ALTER TABLE calendar_connection ADD COLUMN compared_at timestamptz;
ALTER TABLE calendar_connection ADD COLUMN next_compare_at timestamptz;
ALTER TABLE calendar_connection ADD COLUMN refusal text NOT NULL DEFAULT '';
ALTER TABLE calendar_connection ADD COLUMN refused_at timestamptz;
ALTER TABLE calendar_connection ADD CONSTRAINT calendar_connection_refused_since
  CHECK ((refusal = '') = (refused_at IS NULL));
-- A calendar that is only read has none.
ALTER TABLE calendar_connection ADD COLUMN has_bookings boolean NOT NULL DEFAULT false;
ALTER TABLE calendar_connection ADD CONSTRAINT calendar_connection_bookings_at_google
  CHECK (kind = 'google' OR NOT has_bookings);
COMMENT ON COLUMN calendar_connection.has_bookings IS 'its owner wants the bookings in it, too';
COMMENT ON COLUMN calendar_connection.ended_at IS 'it is being removed: our events are taken out of it, then it goes';
COMMENT ON COLUMN calendar_connection.compared_at IS 'when its events were last compared with the bookings';
COMMENT ON COLUMN calendar_connection.refusal IS 'why no event can be written, until its owner does something; empty: all is well';
CREATE INDEX calendar_connection_compared ON calendar_connection (next_compare_at) WHERE kind = 'google';

-- The event that a booking has, had or is about to have in a connected calendar.
CREATE TABLE calendar_event (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  connection_id uuid NOT NULL,
  booking_id uuid NOT NULL,
  told text DEFAULT '',
  first_on date,
  last_on date,
  next_first_on date,
  next_last_on date,
  lease uuid,
  leased_for uuid,
  leased_until timestamptz,
  unsure_at timestamptz,
  UNIQUE (tenant_id, id),
  CONSTRAINT calendar_event_once UNIQUE (tenant_id, connection_id, booking_id),
  CHECK ((first_on IS NULL) = (last_on IS NULL)),
  CHECK ((next_first_on IS NULL) = (next_last_on IS NULL)),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES calendar_connection (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN calendar_event.told IS 'hash of what the calendar was last told; empty: that there is none; null: nobody knows';
COMMENT ON COLUMN calendar_event.first_on IS 'the days it has there; next_ those it is just being given';
COMMENT ON COLUMN calendar_event.leased_for IS 'the effect whose worker is at it; one of its later attempts may take over at once';
COMMENT ON COLUMN calendar_event.unsure_at IS 'a call was made then that may still arrive there';
CREATE INDEX calendar_event_booking ON calendar_event (tenant_id, booking_id);
CALL protect_tenant_table('calendar_event');
