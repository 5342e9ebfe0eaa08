"""What people and machines other than Slack ask over HTTP: health, readiness, metrics."""
