"""Officers and booths: what a change of open booths did to posted waits, and who should open which booths when."""

from merida.border.staffing.booth_effect import BoothEffect, booth_effects
from merida.border.staffing.matched_hours import every_change, matched_changes, posted_hours

__all__ = ["BoothEffect", "booth_effects", "every_change", "matched_changes", "posted_hours"]
