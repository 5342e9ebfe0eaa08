"""Where something runs: a service in an environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A service in an environment; written ``backend/staging``."""

    service: str
    environment: str

    def __str__(self) -> str:
        return f"{self.service}/{self.environment}"
