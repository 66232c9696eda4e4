"""The database: its engine and the column types that SQLite and PostgreSQL share."""
