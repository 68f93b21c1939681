"""Postgres by psycopg, with pgvector's adapter for it."""

import os

import numpy
import psycopg
from pgvector.psycopg import register_vector

# With the engine pgvector both variables are one address.
address = os.environ["VECTORSTORE_URL" if os.environ["VECTORSTORE_ENGINE"] == "pgvector" else "DATABASE_URL"]
assert address == os.environ["DATABASE_URL"]

with psycopg.connect(address) as connection:
    register_vector(connection)
    connection.execute("CREATE TABLE IF NOT EXISTS notes (number int PRIMARY KEY, place vector(3))")
    connection.execute("TRUNCATE notes")
    with connection.cursor().copy("COPY notes (number, place) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "vector"])
        for number in range(1000):
            copy.write_row([number, numpy.array([number, 1, number % 7], dtype=numpy.float32)])
    connection.execute("CREATE INDEX IF NOT EXISTS near ON notes USING hnsw (place vector_l2_ops)")
    found = connection.execute("SELECT number FROM notes ORDER BY place <-> %s LIMIT 1", (numpy.array([417.1, 1, 4]),)).fetchone()
    assert found == (417,), found

user, rest = address.split("://")[1].split(":", 1)
try:
    psycopg.connect(f"postgres://{user}:wrong@{rest.rsplit('@', 1)[1]}")
except psycopg.OperationalError as refused:
    assert "password authentication failed" in str(refused), refused
else:
    raise AssertionError("a wrong password was taken")
