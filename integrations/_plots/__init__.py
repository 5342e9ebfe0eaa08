"""Drawing graphs, as a program (`python -m integrations._plots`): only there is matplotlib imported."""
