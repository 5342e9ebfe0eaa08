"""What Slipway knows and decides, free of any I/O: values in, values out.

To add a state to a life: add it to the enum, then to the one `match` that is the state machine; the test that
crosses every state with every event names what is still missing.
"""
