"""Patients by a part of their name: /api/search?q=noor. Looks them up in an index that is filled once, at the start."""

from routes.patients import PATIENTS

PATH = "/api/search"
INDEX = {one["name"].casefold(): one for one in PATIENTS}


def answer(query):
    wanted = query.get("q", [""])[0].casefold()
    return 200, {"found": [one for name, one in INDEX.items() if wanted in name]}
