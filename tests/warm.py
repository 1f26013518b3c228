"""What a process of the program imports and makes once: done here before it is forked (:mod:`tests.processes`)."""

import importlib

import sqlalchemy.orm

from insuragent.products.policy_files import load_policy

for _name in (
    "insuragent.headoffice.serve",
    "pypinyin",
    "sqlalchemy.dialects.postgresql.psycopg",
    "tests.sync.working",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
):
    importlib.import_module(_name)
sqlalchemy.orm.configure_mappers()
load_policy()
