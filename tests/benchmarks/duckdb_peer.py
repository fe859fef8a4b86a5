"""The peer of the store: a native DuckDB table, fed by DuckDB's own NDJSON reader.

`python -m tests.benchmarks.duckdb_peer DATABASE FILE…` loads files into a table of one column a field, and prints what
`tests.benchmarks.store` reads. DuckDB samples everything, so that no field is missing, and makes no maps of rare ones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

READ = """
create table events as select * from read_json(
    $files, format = 'newline_delimited', sample_size = -1, union_by_name = true, maximum_object_size = 67108864,
    map_inference_threshold = -1, field_appearance_threshold = 0
)
"""


def load(database: Path, files: list[str]) -> dict[str, int]:
    """Load files into a new database; give its events, columns and bytes."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = '12GB'")
        connection.execute(READ, {"files": files})
        connection.execute("checkpoint")
        (events,) = connection.execute("select count(*) from events").fetchone() or (0,)
        columns = len(connection.execute("describe events").fetchall())
    return {"events": events, "columns": columns, "bytes": database.stat().st_size}


if __name__ == "__main__":
    print(json.dumps(load(Path(sys.argv[1]), sys.argv[2:])))
