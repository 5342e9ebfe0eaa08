"""What `integrations.github_actions` and `integrations.github` share: how GitHub is asked, and what it answers.

It is asked through gidgethub on our own aiohttp session (docs/decisions/0020-github.md says why).
"""
