"""The appointments of a patient: /api/appointments?patient=3."""

PATH = "/api/appointments"
APPOINTMENTS = [
    {"patient": 1, "day": "Monday", "time": "09:30", "with": "Dr. Lindqvist"},
    {"patient": 3, "day": "Monday", "time": "10:15", "with": "Dr. Adeyemi"},
    {"patient": 3, "day": "Thursday", "time": "14:00", "with": "Dr. Lindqvist"},
]


def answer(query):
    patient = query.get("patient", [""])[0]
    chosen = [one for one in APPOINTMENTS if not patient or str(one["patient"]) == patient]
    return 200, {"appointments": chosen}
