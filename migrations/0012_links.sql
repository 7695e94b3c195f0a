-- Links for one purpose beside the one to everything: mailed for one change, or shared to look or to pay.

ALTER TABLE booking_action_token
  DROP CONSTRAINT booking_action_token_action_check,
  ADD CONSTRAINT booking_action_token_action_check
    CHECK (action IN ('manage', 'browser', 'reschedule', 'cancel', 'look', 'pay', 'email')),
  ADD COLUMN label text NOT NULL DEFAULT '' CHECK (length(label) <= 60);
COMMENT ON COLUMN booking_action_token.action IS
  'manage: mailed to the couple; browser: given to the browser that booked; reschedule, cancel, email: used once; look, pay: shared';
COMMENT ON COLUMN booking_action_token.label IS 'for whom the couple has shared it, in their words';

ALTER TABLE checkout ADD COLUMN payer_label text NOT NULL DEFAULT '' CHECK (length(payer_label) <= 60);
COMMENT ON COLUMN checkout.payer_label IS 'whose shared link it was opened with; empty: the couple itself';
