"""What people see: pure functions from values to Slack's Block Kit, and the only place where its mark-up exists.

Every view is a `Message` or a modal; a message's `text` says what its blocks say, for notifications and screen
readers. Words from outside (reasons, commits, names, logs) are escaped here and nowhere else.
"""
