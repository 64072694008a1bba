"""dlt at the same work: a list of products into SQLite, merged by id or kept as slowly changing dimension."""

from __future__ import annotations

import os
import sqlite3
import tempfile

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"

import dlt
import requests
from measured import Task, main


def copying(task: Task):
    how = task["how"]
    disposition = {"disposition": "merge", "strategy": "scd2"} if how == "scd2" else "merge"
    pipeline = dlt.pipeline(
        pipeline_name="artikels",
        pipelines_dir=task["folder"] or tempfile.mkdtemp(),
        destination=dlt.destinations.sqlalchemy(task["database"]),
        dataset_name="main",
    )

    @dlt.resource(
        name="artikels",
        primary_key="id",
        write_disposition=disposition,
        max_table_nesting=0,
        columns={"id": {"data_type": "bigint"}},
    )
    def artikels():
        yield requests.get(f"{task['base_url']}/artikels/", timeout=600).json()["data"]

    def run() -> object:
        pipeline.run(artikels())
        with sqlite3.connect(task["database"].removeprefix("sqlite:///")) as database:
            assert database.execute("SELECT COUNT(*) FROM artikels").fetchone() == (task["count"],)
        return {}

    return run


if __name__ == "__main__":
    main({"copying": copying})
