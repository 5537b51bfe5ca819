"""The border by the hour: one model of each lane class, fitted to posted waits, open lanes and volumes together."""

from merida.border.hourly.lane import HourlyLane, hourly_lanes

__all__ = ["HourlyLane", "hourly_lanes"]
