"""The database: connections, transactions, tenancy, migrations, the outbox."""
