-- Tenancy, tenants and the people who run them.
--
-- Three roles: the owner of the tables (runs migrations), aisle_app (the application, bound to one tenant per
-- transaction) and aisle_platform (taken with SET LOCAL ROLE for cross-tenant work). None of them needs to be a
-- superuser or BYPASSRLS. The runner makes the roles before the first migration.

-- Functions that find out which tenant a request is about run as aisle_platform, so it must be able to own them.
GRANT USAGE, CREATE ON SCHEMA public TO aisle_platform;
GRANT USAGE ON SCHEMA public TO aisle_app;

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;

-- Every table of a tenant passes through here once: forced row-level security, one policy for the bound tenant,
-- one for the platform's role, and the verbs the application may use on it.
CREATE PROCEDURE protect_tenant_table(target regclass, verbs text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant_rows ON %s TO aisle_app '
                 'USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) '
                 'WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', target);
  EXECUTE format('CREATE POLICY platform_rows ON %s TO aisle_platform USING (true) WITH CHECK (true)', target);
  EXECUTE format('GRANT %s ON %s TO aisle_app', verbs, target);
  EXECUTE format('GRANT %s ON %s TO aisle_platform', verbs, target);
END $$;

CREATE TABLE tenant (
  id uuid PRIMARY KEY,
  slug text NOT NULL CONSTRAINT tenant_slug_once UNIQUE
    CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 2 AND 63),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  tagline text NOT NULL DEFAULT '',
  intro text NOT NULL DEFAULT '',
  timezone text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  locale text NOT NULL CHECK (locale ~ '^[a-z]{2}_[A-Z]{2}$'),
  tax_mode text NOT NULL CHECK (tax_mode IN ('none', 'inclusive', 'exclusive')),
  tax_label text NOT NULL DEFAULT '',
  deposit_percent smallint CHECK (deposit_percent BETWEEN 1 AND 99),
  balance_due_days smallint NOT NULL DEFAULT 30 CHECK (balance_due_days BETWEEN 0 AND 730),
  commission_percent numeric(5, 2) NOT NULL DEFAULT 0 CHECK (commission_percent BETWEEN 0 AND 50),
  stripe_account_id text CONSTRAINT tenant_stripe_account_once UNIQUE,
  contact_email text NOT NULL,
  contact_phone text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  terms text NOT NULL DEFAULT '',
  hero_image text NOT NULL DEFAULT '',
  hero_alt text NOT NULL DEFAULT '',
  brand_color text NOT NULL DEFAULT '#5A7C65' CHECK (brand_color ~ '^#[0-9A-F]{6}$'),
  is_active boolean NOT NULL DEFAULT true,
  is_listed boolean NOT NULL DEFAULT true,
  published_version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL
);
COMMENT ON COLUMN tenant.deposit_percent IS 'null: the whole price is due at booking';
COMMENT ON COLUMN tenant.published_version IS 'part of every cache key; a change of what is published raises it';
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON tenant TO aisle_app USING (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY platform_rows ON tenant TO aisle_platform USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (published_version) ON tenant TO aisle_app;
GRANT SELECT, INSERT, UPDATE ON tenant TO aisle_platform;

CREATE FUNCTION raise_own_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.published_version = OLD.published_version THEN
    NEW.published_version := OLD.published_version + 1;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER published_version BEFORE UPDATE ON tenant
  FOR EACH ROW EXECUTE FUNCTION raise_own_published_version();

-- Attached to each table whose rows are shown on a storefront.
CREATE FUNCTION raise_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenant SET published_version = published_version + 1 WHERE id = COALESCE(NEW.tenant_id, OLD.tenant_id);
  RETURN NULL;
END $$;

-- People. These tables belong to the platform: the application reads them in the platform's role only.
CREATE TABLE user_account (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT user_account_email_once UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  password_hash text NOT NULL,
  is_platform_admin boolean NOT NULL DEFAULT false,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);
CREATE TABLE login_session (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL CONSTRAINT login_session_token_once UNIQUE,
  user_agent text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX login_session_user ON login_session (user_id);
CREATE INDEX login_session_expiry ON login_session (expires_at);
CREATE TABLE account_token (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('password_reset')),
  token_hash bytea NOT NULL CONSTRAINT account_token_once UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX account_token_user ON account_token (user_id);
CREATE TABLE security_event (
  id uuid PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  kind text NOT NULL,
  user_id uuid,
  remote_address text NOT NULL DEFAULT '',
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX security_event_time ON security_event (occurred_at);
CREATE TABLE platform_counter (
  name text PRIMARY KEY,
  value bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON user_account, login_session, account_token TO aisle_platform;
GRANT SELECT, INSERT ON security_event TO aisle_platform;
GRANT SELECT, INSERT, UPDATE ON platform_counter TO aisle_platform;

CREATE TABLE membership (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  user_id uuid NOT NULL REFERENCES user_account (id),
  role text NOT NULL CHECK (role IN ('owner', 'staff', 'viewer')),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT membership_once UNIQUE (tenant_id, user_id)
);
CREATE INDEX membership_user ON membership (user_id);
CALL protect_tenant_table('membership');

-- Which tenant is this request about? Each returns ids only and runs as aisle_platform.
CREATE FUNCTION tenant_id_by_slug(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT id FROM tenant WHERE slug = wanted AND is_active $$;
ALTER FUNCTION tenant_id_by_slug(text) OWNER TO aisle_platform;
