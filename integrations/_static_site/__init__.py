"""Static sites, published whole and switched at once: what lies in a directory or a bucket, and how it gets there.

Everything of ours is under ``.slipway``, in a directory and below a bucket's prefix alike:

    keys/<number>-<mark>-<name>.json   what was asked under a key, in the order of asking; written before all else
    releases/<name>/…                  a release's files, never changed again
    releases/<name>.json               its paths and their sums; written last, so that what has none is not whole

What serves is said by the pointer and by nothing else: in a directory the link ``current``, in a bucket the object
``.slipway/current.json``. It is moved last, in one step; what was put down before a crash is found and finished.
"""
