-- Where a business allows it, a couple keeps a date for some days without paying.

ALTER TABLE tenant ADD COLUMN courtesy_days smallint NOT NULL DEFAULT 0 CHECK (courtesy_days BETWEEN 0 AND 14);
COMMENT ON COLUMN tenant.courtesy_days IS 'for how many days a date can be kept without paying; 0: not at all';

ALTER TABLE booking
  ADD COLUMN is_courtesy boolean NOT NULL DEFAULT false,
  ADD COLUMN courtesy_until timestamptz,
  ADD COLUMN challenged_at timestamptz,
  ADD CONSTRAINT booking_courtesy_has_its_end CHECK (is_courtesy = (courtesy_until IS NOT NULL)),
  ADD CONSTRAINT booking_only_courtesy_is_challenged CHECK (is_courtesy OR challenged_at IS NULL);
COMMENT ON COLUMN booking.courtesy_until IS 'until when the date is promised without a payment; a session to pay that was'
  ' opened before may take hold_expires_at a little further';
COMMENT ON COLUMN booking.challenged_at IS 'when somebody else asked for the date, which leaves 48 hours at most';
