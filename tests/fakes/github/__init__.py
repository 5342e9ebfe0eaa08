"""A GitHub at the wire: an HTTP server that answers as GitHub's REST API does, for what Slipway asks of it.

It follows https://docs.github.com/rest (version 2022-11-28): actions/workflows ("Create a workflow dispatch event",
with `return_run_details`), actions/workflow-runs, actions/workflow-jobs, deployments/deployments and /statuses,
checks/runs, commits/statuses, commits ("List pull requests associated with a commit"), pulls/reviews, code-scanning,
apps ("Create an installation access token for an app"); using-the-rest-api for pages, conditional requests, rate limits
and troubles; and git's own smart HTTP for clones.
"""

from tests.fakes.github.server import GitHub as GitHub
from tests.fakes.github.trouble import Trouble as Trouble
