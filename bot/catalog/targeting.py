"""Which target an alert is about, in the words of the catalog."""

from collections.abc import Mapping

from bot.domain.target import Target

from .models import Catalog


def target_of(catalog: Catalog, labels: Mapping[str, str]) -> Target | None:
    """Return the target that an alert with these labels is about; None where they do not say it in words it knows."""
    services, environments = catalog.alerts.causes.words(labels) if catalog.alerts else ([], [])
    service = next((name for name in services if name in catalog.services), None)
    named = next((name for name in environments if name in catalog.environments), None)
    places = [name for name, here in catalog.environments.items() if service in here.targets]
    environment = named or (places[0] if len(places) == 1 and not environments else None)
    return Target(service, environment) if service and environment in places else None
