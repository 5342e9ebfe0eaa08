"""The reference pages, written from the code: `make docs`. A test fails when a page and the code part.

A file of this folder is a page: its `render()` returns the Markdown, its name is the page's.
"""
