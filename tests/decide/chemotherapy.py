"""The chemotherapy model by which value of information is taught (Heath, Kunst & Jackson, 2024), from its description.

Two treatments of equal effect; the new one has fewer side effects and costs more. A patient with side effects is
treated at home, may go to hospital, recovers or dies, week by week for a year; survivors of the year die at a constant
rate until forty years. Published with R's package voi are the values that 10,000 draws of it gave. Copies of the inputs
differ in the price of the new drug: with 1,975 pounds, of a later copy, what was published comes out at all of its five
values of a year of life; with 2,250 it does not.
"""

from __future__ import annotations

import numpy as np

from merida.distributions import Floats

WEEKS, YEARS = 52, 40
POUNDS_PER_QALY = 20_000.0
PATIENTS, SIDE_EFFECTS, HOSPITALISED, DIED = 111, 52, 43, 8  # of the study on the present treatment


def beta(random: np.random.Generator, mean: float, deviation: float, draws: int) -> Floats:
    """Return draws of a share with a mean and a standard deviation."""
    size = mean * (1 - mean) / deviation**2 - 1
    return random.beta(mean * size, (1 - mean) * size, draws)


def lognormal(random: np.random.Generator, mean: float, deviation: float, draws: int) -> Floats:
    """Return draws of a cost with a mean and a standard deviation."""
    variance = np.log1p((deviation / mean) ** 2)
    return random.lognormal(np.log(mean) - variance / 2, np.sqrt(variance), draws)


def parameters(draws: int, seed: int) -> dict[str, Floats]:
    """Return draws of the 14 parameters, by name."""
    random = np.random.default_rng(seed)
    before = random.beta(1 + SIDE_EFFECTS, 1 + PATIENTS - SIDE_EFFECTS, draws)
    log_odds = random.normal(np.log(0.54), 0.3, draws)
    odds = before / (1 - before) * np.exp(log_odds)
    return {
        "p_side_effects_t1": before,
        "p_side_effects_t2": odds / (1 + odds),
        "logor_side_effects": log_odds,
        "p_hospitalised_total": random.beta(1 + HOSPITALISED, 1 + SIDE_EFFECTS - HOSPITALISED, draws),
        "p_died": random.beta(1 + DIED, 1 + HOSPITALISED - DIED, draws),
        "lambda_home": beta(random, 0.21, 0.03, draws),
        "lambda_hosp": beta(random, 0.03, 0.0065, draws),
        "c_home_care": lognormal(random, 830, 150**0.5, draws),
        "c_hospital": lognormal(random, 2400, 1880**0.5, draws),
        "c_death": lognormal(random, 1710, 760**0.5, draws),
        "u_recovery": beta(random, 0.98, 0.0008**0.5, draws),
        "u_home_care": beta(random, 0.7, 0.02**0.5, draws),
        "u_hospital": beta(random, 0.3, 0.03**0.5, draws),
        "rate_longterm": random.gamma(0.0475**2 / 0.001, 0.001 / 0.0475, draws),
    }


def net_benefit(drawn: dict[str, Floats]) -> Floats:
    """Return pounds a patient of the present treatment and of the new one, shape (draws, 2)."""
    to_hospital = 1 - (1 - drawn["p_hospitalised_total"]) ** (1 / WEEKS)
    to_death = 1 - (1 - drawn["p_died"]) ** (1 / WEEKS)
    weekly_death = 1 - np.exp(-drawn["rate_longterm"] / 52)
    home, hospital = drawn["lambda_home"], drawn["lambda_hosp"]
    at_home, in_hospital, recovered, dead = (np.zeros_like(home) for _ in range(4))
    at_home += 1.0
    weeks = np.stack([at_home, in_hospital, recovered])
    for _ in range(WEEKS):
        at_home, in_hospital, recovered, dead = (
            at_home * (1 - home) * (1 - to_hospital),
            at_home * to_hospital + in_hospital * (1 - hospital) * (1 - to_death),
            at_home * home * (1 - to_hospital)
            + in_hospital * hospital * (1 - to_death)
            + recovered * (1 - weekly_death),
            in_hospital * to_death + recovered * weekly_death + dead,
        )
        weeks += np.stack([at_home, in_hospital, recovered])
    care = (drawn["c_home_care"] * weeks[0] + drawn["c_hospital"] * weeks[1] + drawn["c_death"] * dead) / 52
    lived = (
        drawn["u_home_care"] * weeks[0] + drawn["u_hospital"] * weeks[1] + drawn["u_recovery"] * weeks[2]
    ) / 52
    rate = drawn["rate_longterm"]
    later = drawn["u_home_care"] * (np.exp(-2 * rate) - np.exp(-YEARS * rate)) / rate
    buried = drawn["c_death"] * -np.expm1(-(YEARS - 2) * rate)
    columns = []
    for share, drug in (
        (drawn["p_side_effects_t1"], 120.0),
        (drawn["p_side_effects_t2"], 1975.0),
    ):
        alive = 1 - share * dead
        effects = share * lived + alive * later + (1 - share) * drawn["u_recovery"] * (WEEKS + 1) / 52
        columns.append(POUNDS_PER_QALY * effects - (drug + share * care + alive * buried))
    return np.stack(columns, axis=1)
