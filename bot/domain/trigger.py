"""Why people roll back: the triggers of the HealthBridge guide, by the word that is typed."""

TRIGGERS = {
    "bug": "Critical bug",
    "performance": "Performance degradation",
    "security": "Security vulnerability",
    "data": "Data corruption",
    "unavailable": "Service unavailable",
}
