"""The driver: how a test, a script or the page is a person in the local Slack, and looks around.

One file per noun, each ending in its table of `ROUTES`. The contract is docs/reference/local-slack.md.
"""
