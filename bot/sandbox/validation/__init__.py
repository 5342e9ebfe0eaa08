"""What Slack refuses, as pure functions from a payload to a list of problems.

The local Slack is only worth something if what it accepts is accepted by Slack. So every limit of Block Kit, of views,
of message metadata and of the app manifest is a row in a table here: `composition`, `rich_text`, `elements` and
`blocks` say what a thing looks like, `surface` what a whole list of blocks must keep, `views`, `metadata` and
`manifest` the rest.
Where Slack's documents are silent or disagree, the stricter reading is taken, and said beside the rule.

To add a limit: change its row; to add a block or element, see the first lines of those files.
"""

from bot.sandbox.validation.blocks import Surface
from bot.sandbox.validation.manifest import check_manifest
from bot.sandbox.validation.metadata import check_metadata
from bot.sandbox.validation.problem import Kind, Problem, error_messages, slack_error
from bot.sandbox.validation.surface import check_blocks
from bot.sandbox.validation.views import check_view

__all__ = [
    "Kind",
    "Problem",
    "Surface",
    "check_blocks",
    "check_manifest",
    "check_metadata",
    "check_view",
    "error_messages",
    "slack_error",
]
