"""How a cluster is reached: a context of a kubeconfig, or the service account of the pod that Slipway runs in.

What is wrong with a kubeconfig is told in words of our own: the client's may quote a user's whole entry, with its
token.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.domain.errors import GaveUp

_WAY_OUT = "name one as kubeconfig in the catalog or in KUBECONFIG, or run Slipway in the cluster"


@dataclass(frozen=True, slots=True)
class Access:
    """A kubeconfig and a context of it. Without a kubeconfig: the pod's service account, or else kubectl's own."""

    kubeconfig: str | None = None
    context: str | None = None

    async def client(self) -> ApiClient:
        """Return a client that is let in; the caller closes it."""
        configuration = await self.configuration()
        try:
            return ApiClient(configuration)
        except (OSError, ValueError) as error:
            raise GaveUp(f"{self._named()} has a certificate or key that cannot be used: {error}") from error

    async def configuration(self) -> Configuration:
        """Read where the cluster is and how it lets us in, anew."""
        configuration = Configuration(connection_pool_maxsize=0)  # without limit: watches and logs stay open
        try:
            if self._inside:
                load_incluster_config(configuration)  # type: ignore[no-untyped-call]  # the client leaves it untyped
            else:
                self._check()
                given = {"config_file": self._paths, "context": self.context, "persist_config": False}
                await load_kube_config(client_configuration=configuration, **given)  # type: ignore[no-untyped-call]  # as above
        except ConfigException as error:
            raise GaveUp(f"{self._named()} is not in order: {str(error).partition(' in ')[0]}") from None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise GaveUp(f"{self._named()} is not in order: {type(error).__name__}") from None
        return configuration

    @property
    def _inside(self) -> bool:
        return self.kubeconfig is None and self.context is None and "KUBERNETES_SERVICE_HOST" in os.environ

    @property
    def _paths(self) -> str:
        return self.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"

    def _named(self) -> str:
        if self._inside:
            return "the pod's service account"
        return f"the kubeconfig {self._paths}" + (f", context “{self.context}”," if self.context else "")

    def _check(self) -> None:
        files = [file for word in self._paths.split(os.pathsep) if word and (file := Path(word).expanduser()).exists()]
        if not files:
            raise GaveUp(f"there is no kubeconfig at {self._paths}: {_WAY_OUT}")
        contexts = [name for file in files for name in _contexts(file)]
        if self.context is not None and self.context not in contexts:
            raise GaveUp(f"{self._paths} has no context “{self.context}”; it has {', '.join(contexts) or 'none'}")


def _contexts(file: Path) -> list[str]:
    try:
        read: Any = YAML(typ="safe", pure=True).load(file)
    except (YAMLError, UnicodeDecodeError) as error:
        raise GaveUp(f"the kubeconfig {file} is not YAML") from error
    if not isinstance(read, dict):
        raise GaveUp(f"the kubeconfig {file} is not one: it holds no clusters, contexts and users")
    return [str(one.get("name")) for one in read.get("contexts") or [] if isinstance(one, dict)]
