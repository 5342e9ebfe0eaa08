"""An invented incident: every value that a template may use, as it is filled in to see whether a template is right.

A test holds this to what real reports are filled in with, and to what the page about writing templates lists.
"""

SAMPLE: dict[str, object] = {
    "report": {"number": 1, "name": "Incident report", "by": "Tomas Müller", "written": "2026-03-02 12:00:00 UTC"},
    "title": "BackendDown after a change of backend/production",
    "what": ["BackendDown (critical): nobody answers"],
    "severity": "critical",
    "trigger": "Critical bug: the search is empty",
    "times": {
        "began": "2026-03-02 11:00:00 UTC",
        "detected": "2026-03-02 11:01:00 UTC",
        "acknowledged": "2026-03-02 11:03:00 UTC",
        "mitigated": "2026-03-02 11:20:00 UTC",
        "resolved": "2026-03-02 11:21:00 UTC",
    },
    "took": {"detect": "1 min", "acknowledge": "2 min", "mitigate": "20 min", "whole": "21 min"},
    "detected_by": "by the monitor (platform)",
    "acknowledged_by": "Selma Nakale",
    "mitigated_by": "by change 42 of Tomas Müller (rollback in production: backend 1.4.1)",
    "alerts": [
        {
            "name": "BackendDown",
            "severity": "critical",
            "summary": "nobody answers",
            "began": "2026-03-02 11:00:00 UTC",
            "ended": "2026-03-02 11:21:00 UTC",
            "labels": {"service": "backend"},
        }
    ],
    "changes": [{"number": 41, "what": "deploy in production: backend 1.4.2", "by": "Ndapewa", "state": "succeeded"}],
    "live": [{"target": "backend/production", "version": "1.4.2"}],
    "people": [{"name": "Selma Nakale", "did": "said that they are at it"}],
    "timeline": [{"at": "2026-03-02 11:03:00 UTC", "what": "said that they are at it", "who": "Selma Nakale"}],
    "left_out": 0,
}
