"""The database: connections, transactions, tenancy, migrations, the outbox. peewee and psycopg2 live here and in slices."""
