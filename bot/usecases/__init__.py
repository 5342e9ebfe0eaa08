"""What people and machines may ask, one file per noun: policy (pure), then one transaction.

To add a request that leads to a change: a file with an async `plan(world, asked)`, and
``PLANNER = Planner(word, plan)``.
"""
