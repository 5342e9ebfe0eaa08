"""How `integrations.git` talks to the git program: one call, its errors, and the words people name commits by."""
