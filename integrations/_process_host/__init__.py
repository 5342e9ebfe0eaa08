"""The process host: one detached program per data folder that runs releases as local processes, apart from the bot.

It holds every target's public port with a small reverse proxy, starts a new version beside the old one, asks its
health, and only then lets the next request go to it; so no request is dropped. What should run is written down before
anything moves: a host that was killed brings back what was live, and adopts what still runs.

    __main__   becomes one host, or finds that there is one       slot       one target: its swaps, its restarts
    address    where a host listens                               child      one process of a release
    control    what a host can be asked                           front      a public port and where it leads
    record     what is written down                               artefact   verified, then unpacked
    folder     what lies on disk for a target                     health     whether a new version is well
    client     how the bot asks, starts and stops a host          course     how it goes, and what that says of a key
    standing   what it has on its ports                           targets    the slots of all targets
    printed    what was printed since a time                      apart      how any host comes to be on its own

Hosts of another kind (integrations/_docker) are made of `apart`, `control`, `client`, `address` and `front` as well.
"""
