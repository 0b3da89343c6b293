"""How old results may grow before Dagster calls them overdue: marts and the published vintage."""

import dagster as dg

from orchestration.automation import Automation

_MARTS = "marts"
_VINTAGE = dg.AssetKey("published_vintage")


def with_freshness(assets: dg.AssetsDefinition, automation: Automation) -> dg.AssetsDefinition:
    """The same assets, with a policy on those that readers use.

    A mart counts as renewed when any of its years is. Where nothing new was delivered for so long, or what
    was cannot be published, someone should look.
    """
    window = automation.freshness
    if window is None:
        return assets
    policy = dg.FreshnessPolicy.time_window(fail_window=window)

    def with_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
        is_read = spec.group_name == _MARTS or spec.key == _VINTAGE
        return spec.replace_attributes(freshness_policy=policy) if is_read else spec

    return assets.map_asset_specs(with_policy)
