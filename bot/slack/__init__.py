"""The edge to Slack: what comes in (guard, routes), and what goes out (painter, directory)."""
