"""Becomes the process host of a data folder, apart from whoever started it, or finds that there is one and ends.

python -m integrations._process_host --data DIR
"""

import sys

from integrations._process_host.apart import become
from integrations._process_host.targets import ProcessSlots

if __name__ == "__main__":
    sys.exit(become("process-host", ProcessSlots))
