"""What the border assumes as its files state it; a user's own numbers come from `merida.parameters.settings`."""

from merida.parameters.registry import CALIBRATION, INVESTMENT, PORTS
from merida.priors import Priors

PRIORS = Priors((CALIBRATION, PORTS, INVESTMENT))
ASSUMED = "border.calibration"  # what the paths of ``calibration.toml`` begin with
MEAN_MONTH = "reference"  # the mean month of the reference years, to which published means belong
REFERENCE = ("2022-01", "2024-12")  # months whose mean volume the published waits are taken to belong to
# What of ``calibration.toml`` acts after the fit; all the rest shaped the draws that are kept.
AFTER_FIT = (
    "errors.cell_minutes",
    "errors.cell_share",
    "errors.dated_log",
    "staffing_follows_volume",
    "staffing_drift",
    "trusted_lanes_from.cars",
    "trusted_lanes_from.trucks",
    "trusted_lanes_from.pedestrians",
    "incident_days",
    "incident_booths",
    "tolerance_minutes",
    "patience_minutes",
)


def shaped_fit(priors: Priors) -> tuple[str, ...]:
    """Return the paths that a user holds of what shaped the draws of the fit that are kept."""
    after = {f"{ASSUMED}.{name}" for name in AFTER_FIT}
    return tuple(path for path, _ in priors.within(CALIBRATION).held if path not in after)
