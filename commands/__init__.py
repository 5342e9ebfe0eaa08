"""What people say: one file = one word they type, and the buttons that say the same.

To add a word: one file named after it, with a pydantic `Args` model (the parser, the usage line, the help and the
modal), an async `run(args, ctx)`, and ``COMMAND = Command(...)``. The manifest and the help follow from the folder.
"""
