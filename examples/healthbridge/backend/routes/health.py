"""How the API is. Other routes may report an illness here."""

import os

PATH = "/api/health"
illnesses = {}


def answer(query):
    version = os.environ.get("SLIPWAY_VERSION", "dev")
    if illnesses:
        return 500, {"status": "failing", "version": version, "why": sorted(illnesses.values())}
    return 200, {"status": "ok", "version": version}
