"""The patients. All of them are invented."""

PATH = "/api/patients"
PATIENTS = [
    {"id": 1, "name": "Noor Haddad", "clinic": "Harbour"},
    {"id": 2, "name": "Søren Kjær", "clinic": "Hillside"},
    {"id": 3, "name": "Thandiwe Mokoena", "clinic": "Harbour"},
    {"id": 4, "name": "李小龙", "clinic": "Riverside"},
    {"id": 5, "name": "יעל כהן", "clinic": "Hillside"},
]


def answer(query):
    return 200, {"patients": PATIENTS}
