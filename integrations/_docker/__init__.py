"""What the backends docker and compose share: one host per data folder that swaps containers, apart from the bot.

A swap goes on after `apply` has returned: the new container is asked how it is, the public port (or the alias) moves,
the old one leaves. That is done by a host as the process backend has one (integrations/_process_host), which is told
what to run, writes it down, and goes on where an earlier one was killed. Containers outlive it; only the public ports
that it holds do not.

    __main__   becomes the host                                   engine     the Docker Engine, its answers as values
    section    what a target's section may say                    images     an image by its digest, and its facts
    record     what the host writes down                          labels     whose a container is, written on it
    slot       one target: the swap                               containers how the docker backend makes one
    asking     the bot's side: backend and its other roles        compose    how a compose file's service gets one
    running    one-off work                                       program    which docker-compose there is
    one_off    the program that attends one container
"""
