"""Becomes the container host of a data folder, apart from whoever started it, or finds that there is one and ends.

python -m integrations._docker --data DIR
"""

import sys

from integrations._docker.targets import ContainerSlots
from integrations._process_host.apart import become

if __name__ == "__main__":
    sys.exit(become("container-host", ContainerSlots))
