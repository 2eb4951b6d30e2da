"""`sinesp`: every use case without Airflow.

The ledger in Cassandra is the checkpoint; Airflow's Variables follow at its next run.
"""

from sinesp.cli import lake, views
from sinesp.cli.api import api
from sinesp.cli.app import app
from sinesp.cli.batches import consume, plan, schema
from sinesp.cli.ledger import ledger, status, verify
from sinesp.cli.publication import publish
from sinesp.cli.quarantine import replay_quarantine

__all__ = ["app"]

# In the order in which they are needed, which is the order of `--help`.
for _command in (schema, publish, plan, consume, status, ledger, verify):
    app.command()(_command)
app.command("replay-quarantine")(replay_quarantine)
app.add_typer(lake.app, name="lake")
app.add_typer(views.app, name="views")
app.add_typer(api, name="api")
