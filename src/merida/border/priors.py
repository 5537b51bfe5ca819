"""What the border assumes as its files state it; a user's own numbers come from `merida.parameters.settings`."""

from merida.parameters.registry import CALIBRATION, INVESTMENT, PORTS
from merida.priors import Priors

PRIORS = Priors((CALIBRATION, PORTS, INVESTMENT))
