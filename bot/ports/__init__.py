"""What Slipway asks of the world outside: roles with the fewest verbs that work.

Every method may raise `Retry` (not now) or `GaveUp` (never) from bot.domain.errors; anything else that comes out is
a bug in the adapter. Adapters hold no loops, no sleeps and no policy: waiting and judging are the engine's.
Each role has a real local implementation in integrations/ and a contract test in tests/contract/.

    where      backends and runners        releases   sources of releases
    around     clock, secrets, metrics     slack      people and cards
    paging     who tells people elsewhere  rosters    who is on call elsewhere
    monitors   what fires, and silences    graphs     who draws and keeps pictures
"""

from bot.ports.around import Backups, Clock, Copying, Metrics, Probe, Secrets
from bot.ports.graphs import Pictures, Plots
from bot.ports.monitors import Silences
from bot.ports.paging import Follows, Page, Pager
from bot.ports.releases import Builds, Checks, History, Releases
from bot.ports.rosters import Roster, Told
from bot.ports.secret_names import NamesSecret, SecretName
from bot.ports.slack import Board, Directory, Gone, Paper, Person, Place, Unclear
from bot.ports.where import (
    Backend,
    Desired,
    Examined,
    Inspector,
    Invocation,
    LoggedRunner,
    Logs,
    Output,
    Preview,
    Runner,
    RunsThere,
    Section,
    Stops,
)

__all__ = [
    "Backend",
    "Backups",
    "Board",
    "Builds",
    "Checks",
    "Clock",
    "Copying",
    "Desired",
    "Directory",
    "Examined",
    "Follows",
    "Gone",
    "History",
    "Inspector",
    "Invocation",
    "LoggedRunner",
    "Logs",
    "Metrics",
    "NamesSecret",
    "Output",
    "Page",
    "Pager",
    "Paper",
    "Person",
    "Pictures",
    "Place",
    "Plots",
    "Preview",
    "Probe",
    "Releases",
    "Roster",
    "Runner",
    "RunsThere",
    "SecretName",
    "Secrets",
    "Section",
    "Silences",
    "Stops",
    "Told",
    "Unclear",
]
