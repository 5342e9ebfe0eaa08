"""The clinics, and how many patients each has."""

from collections import Counter

from routes.patients import PATIENTS

PATH = "/api/clinics"


def answer(query):
    return 200, {"clinics": dict(Counter(patient["clinic"] for patient in PATIENTS))}
