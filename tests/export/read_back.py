"""Reads a folder of exports as a warehouse does, with DuckDB.

    python3 read_back.py files FOLDER       checks every file, and prints the types and rows of those that are whole
    python3 read_back.py warehouse FOLDER   loads the files one after the other, and prints the tables that come of it

Each line is of JSON. Moments are written as RFC 3339 has them, in UTC.
"""

import hashlib
import json
import pathlib
import sys

import duckdb

TYPES = {
    "string": "VARCHAR", "uuid": "VARCHAR", "boolean": "BOOLEAN", "int32": "INTEGER", "int64": "BIGINT",
    "double": "DOUBLE", "date": "DATE", "timestamp[us, UTC]": "TIMESTAMP WITH TIME ZONE",
    "list<string>": "VARCHAR[]", "list<timestamp[us, UTC]>": "TIMESTAMP WITH TIME ZONE[]",
}  # fmt: skip
MOMENT = "strftime({0} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
READERS = {"parquet": "read_parquet('{0}')", "csv": "read_csv('{0}', header = true, columns = {1})"}
READERS["jsonl"] = "read_json('{0}', format = 'newline_delimited', columns = {1})"


def reader(folder, file):
    """What stands after FROM. Parquet says its types itself; of the others the manifest does."""
    lists = file["path"].endswith("csv")
    columns = {one["name"]: "JSON" if lists and one["type"].startswith("list") else TYPES[one["type"]] for one in file["schema"]}
    return READERS[file["path"].rsplit(".", 1)[1]].format(folder / file["path"], columns)


def shown(name, kind):
    """A column as JSON has it."""
    quoted = f'"{name}"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return MOMENT.format(quoted)
    if kind == "TIMESTAMP WITH TIME ZONE[]":
        return f"list_transform({quoted}, lambda x: {MOMENT.format('x')})"
    return f"CAST({quoted} AS VARCHAR)" if kind in ("DATE", "UUID", "JSON") else quoted


def rows(database, source):
    """The types of the columns of a source, and its rows by column."""
    columns = [(one[0], one[1]) for one in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    listed = ", ".join(f'{shown(name, kind)} AS "{name}"' for name, kind in columns)
    found = database.execute(f"SELECT {listed} FROM {source}").fetchall()
    names = [name for name, _ in columns]
    return dict(columns), [dict(zip(names, row)) for row in found]


def files(database, folder, manifest):
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert len(content) == file["bytes"], file["path"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
        types, found = rows(database, reader(folder, file))
        assert len(found) == file["rows"], (file["path"], len(found))
        assert list(types) == [one["name"] for one in file["schema"]], file["path"]
        if file["path"].endswith("parquet"):
            assert types == {one["name"]: TYPES[one["type"]] for one in file["schema"]}, file["path"]
        if file["content"] == "all":
            yield {"relation": file["relation"], "rows": found}


def warehouse(database, folder, manifest):
    for file in manifest["files"]:
        table, source = f'"{file["relation"]}"', reader(folder, file)
        if file["content"] == "all":
            database.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {source}")
        elif file["content"] == "tombstones":
            database.execute(f"DELETE FROM {table} WHERE case_id IN (SELECT case_id FROM {source})")
        else:
            database.execute(f"INSERT INTO {table} SELECT * FROM {source}")
    for relation in sorted({file["relation"] for file in manifest["files"]}):
        yield {"relation": relation, "rows": rows(database, f'"{relation}"')[1]}


def main():
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    manifest = json.loads((folder / "manifest.json").read_text())
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    for table in {"files": files, "warehouse": warehouse}[what](database, folder, manifest):
        print(json.dumps(table))


main()
