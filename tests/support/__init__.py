"""What tests share: a PostgreSQL server, planted secrets."""
