"""The local Slack: a stand-in for Slack on localhost, strict where Slack is strict.

It serves a newcomer's first minute, the tests and demonstrations, and other people's Bolt apps: it knows nothing of
Slipway. Slack's Web API (`web_api/`), signed callbacks (`outbound`, `events`, `interactions`), Socket Mode, a page that
works like a client (`page/`), and a driver for tests (`driver/`). `sandbox.Sandbox` connects the parts; `app.create`
gives them an HTTP surface; `serving` runs it; `python -m bot.sandbox` runs it alone.
"""
