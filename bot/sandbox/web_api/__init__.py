"""The Web API: one file per family of methods, each ending in its table of `METHODS`.

To add a method: write a function from a `Call` to the members of the answer, raise `SlackError` with a code that Slack
documents for it, and name it in the family's table with its scopes and required arguments. endpoint.py finds it there.
"""
