"""The test rig's own promise: databases are fresh, separate, and copied from templates."""

import psycopg

from tests.support.postgres import PostgresServer


def test_databases_are_fresh_and_copied_from_templates(postgres_server: PostgresServer):
    def build(url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE marks (n int)")
            connection.execute("INSERT INTO marks VALUES (7)")

    postgres_server.template("rig", build)
    for _ in range(2):
        with postgres_server.fresh_database(template="rig") as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM marks").fetchall() == [(7,)]
            connection.execute("DELETE FROM marks")
            connection.commit()


def test_an_empty_database_has_no_tables(postgres_url: str):
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
