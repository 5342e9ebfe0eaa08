"""The kinds of steps: one file = one word of a catalog's `steps`.

To add a kind: one file with an `Options` model (what may stand behind the word in the catalog), `begin` (the one
mutation, under the step's key) and `look` (observe, and judge purely), and ``STEP = StepKind(...)``.
"""
