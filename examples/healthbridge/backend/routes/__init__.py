"""One file here = one path of the API."""
