"""Patients by a part of their name: /api/search?q=noor. Looks at every patient, every time."""

from routes.patients import PATIENTS

PATH = "/api/search"


def answer(query):
    wanted = query.get("q", [""])[0].casefold()
    return 200, {"found": [one for one in PATIENTS if wanted in one["name"].casefold()]}
