"""Patients by a part of their name: /api/search?q=noor. Looks them up in an index that is filled in the background.

This is the release that goes wrong, on purpose: it starts well, and some seconds later the index breaks and with it
the health of the whole API.
"""

import threading

from routes import health
from routes.patients import PATIENTS

PATH = "/api/search"
SECONDS_UNTIL_IT_BREAKS = 4.0


def fill_index():
    health.illnesses["search"] = "search index: no connection left in the pool (20 of 20 in use)"
    print("ERROR search index: no connection left in the pool (20 of 20 in use)", flush=True)


def answer(query):
    wanted = query.get("q", [""])[0].casefold()
    return 200, {"found": [one for one in PATIENTS if one["name"].casefold().startswith(wanted)]}


filling = threading.Timer(SECONDS_UNTIL_IT_BREAKS, fill_index)
filling.daemon = True
filling.start()
