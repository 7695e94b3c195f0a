"""The people who run a tenant: accounts, memberships, login sessions, password reset."""
