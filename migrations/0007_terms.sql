-- Terms that the owner sets, and the copy of them that each booking keeps. Their shape is portal/bookings/policy/documents.

ALTER TABLE tenant
  ADD COLUMN cancellation_policy jsonb NOT NULL CHECK (jsonb_typeof(cancellation_policy) = 'object')
    DEFAULT '{"tiers": [{"days": 90, "percent": 100}, {"days": 30, "percent": 50}], "kept": "nothing",
              "booking_fee_cents": 0, "flat_fee_cents": 0, "add_ons_days": null, "cooling_off_days": 0}',
  ADD COLUMN move_policy jsonb NOT NULL CHECK (jsonb_typeof(move_policy) = 'object')
    DEFAULT '{"cutoff_days": 60, "free_moves": 1, "fees_cents": [], "farthest_days": 365, "price": "old",
              "may_change_package": false}';
-- A business that asks for a deposit has so far told couples that the date costs it.
UPDATE tenant SET cancellation_policy = jsonb_set(cancellation_policy, '{kept}', '"deposit"')
  WHERE deposit_percent IS NOT NULL;

ALTER TABLE package
  ADD COLUMN cancellation_policy jsonb CHECK (jsonb_typeof(cancellation_policy) = 'object'),
  ADD COLUMN move_policy jsonb CHECK (jsonb_typeof(move_policy) = 'object');
COMMENT ON COLUMN package.cancellation_policy IS 'null: the business''s';
COMMENT ON COLUMN package.move_policy IS 'null: the business''s';

-- Bookings that exist were made before anything was decided. They get what favours the couple: the deposit is kept,
-- because that is all that was ever spoken of; everything else comes back until the day itself, and the date moves freely.
-- The default also serves a process of the version before, while both run.
ALTER TABLE booking
  ADD COLUMN policy jsonb NOT NULL CHECK (jsonb_typeof(policy) = 'object')
    DEFAULT '{"cancellation": {"tiers": [{"days": 0, "percent": 100}], "kept": "deposit", "booking_fee_cents": 0,
                               "flat_fee_cents": 0, "add_ons_days": null, "cooling_off_days": 0},
              "moving": {"cutoff_days": 0, "free_moves": 20, "fees_cents": [], "farthest_days": null, "price": "old",
                         "may_change_package": false},
              "deposit_cents": 0}';
UPDATE booking SET policy = jsonb_set(policy, '{deposit_cents}', to_jsonb((total_cents * deposit_percent + 50) / 100))
  WHERE deposit_percent IS NOT NULL;
COMMENT ON COLUMN booking.policy IS 'the terms as they were agreed; later edits do not reach them';
