"""A program as a backend: what it is told, how what it prints is read, and what that means for a key."""
