-- Functions that run with the platform's rights find tables in this schema alone: PostgreSQL looks into pg_temp first
-- unless it is named, and anybody may make a table there. Only the application may call them.
ALTER FUNCTION tenant_id_by_slug(text) SET search_path = public, pg_temp;
ALTER FUNCTION tenant_id_by_booking_token(bytea) SET search_path = public, pg_temp;
ALTER FUNCTION tenant_id_by_reference(text) SET search_path = public, pg_temp;
ALTER FUNCTION booking_ids_matching(text) SET search_path = public, pg_temp;
REVOKE EXECUTE ON FUNCTION tenant_id_by_slug(text), tenant_id_by_booking_token(bytea), tenant_id_by_reference(text),
  booking_ids_matching(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_id_by_slug(text), tenant_id_by_booking_token(bytea), tenant_id_by_reference(text),
  booking_ids_matching(text) TO aisle_app;

-- Accounts that money came through, also those that their tenant has exchanged for another since.
CREATE INDEX checkout_account ON checkout (stripe_account_id, created_at) WHERE stripe_account_id IS NOT NULL;
