"""What is known of each programme, and how little: the studies, what they say of a new setting, what is missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from merida.evidence import EffectLaw, Register, forest, statuses
from merida.facts import Facts
from merida.framework import Framework, Programme
from merida.models.parameters import Parameters, entries, weights
from merida.models.routes import routes

HOME = ("arrests_effect", "deaths_effect")  # effects of treatment and probation, on their outcome at home
COUNTED, UNKNOWN = "counted", "excluded_not_known"


@dataclass(frozen=True)
class Summary:
    """One law of an effect in figures, on the scale of the law.

    Parameters
    ----------
    reading : str or None
        The reading that it is the law of; None: all of them.
    weight : float
        The reading's weight among those that could be made.
    median, low, high : float
        The ends are the 5th and 95th percentile in a new setting.
    harm : float
        Probability that the outcome gets worse.
    """

    reading: str | None
    weight: float
    median: float
    low: float
    high: float
    harm: float

    @property
    def benefit(self) -> float:
        """Probability that the outcome gets better."""
        return 1.0 - self.harm


@dataclass(frozen=True)
class Known:
    """What is known of the effect that one parameter holds.

    Attributes
    ----------
    path : str
        The parameter.
    elasticity : bool
        Whether its scale is that of elasticities; else logarithms of rate ratios.
    studies : DataFrame
        The studies of its readings, as `merida.evidence.forest.forest` gives them, and ``name``, short.
    readings : tuple of Summary
        The law of each reading that could be made at the date; empty where no study was known.
    whole : Summary
        The law of all readings.
    """

    path: str
    elasticity: bool
    law: EffectLaw
    studies: pl.DataFrame
    readings: tuple[Summary, ...]
    whole: Summary

    @property
    def counted(self) -> pl.DataFrame:
        """The studies that count."""
        return self.studies.filter(pl.col("status") == COUNTED)

    @property
    def mexican(self) -> int:
        """How many of them are of Mexico."""
        return self.counted.filter(pl.col("country") == "MX")["study"].n_unique()

    @property
    def designs(self) -> dict[str, int]:
        """How many of them have each design, the most frequent first."""
        rows = (
            self.counted.unique("study")
            .group_by("design")
            .len()
            .sort("len", "design", descending=[True, False])
        )
        return dict(rows.iter_rows())

    @property
    def settings(self) -> tuple[str, ...]:
        """The paths by which a run sets the weights of its readings."""
        return tuple(setting for setting, (path, _) in weights().items() if path == self.path)

    @property
    def basis(self) -> str:
        """How the effect is known, a key under ``basis`` in ``words/``."""
        return basis(self.law, self.path)


@dataclass(frozen=True)
class Standing:
    """What stands behind one programme of a framework.

    Attributes
    ----------
    known : Known or None
        None where no study could speak to its effect.
    routes : mapping of str to str
        By outcome, the route on which the programme's lever reaches it; empty where no mechanism is built.
    missing : tuple of str
        What it lacks, keys under ``evidence.missing``.
    """

    programme: str
    known: Known | None
    routes: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def thinness(self) -> tuple[float, ...]:
        """What programmes are ordered by, the thinnest first."""
        if self.known is None:
            return (-1.0, -1.0, -1.0)
        law = self.known.law
        return (law.with_figure, law.independent, law.share_from_data)


@dataclass(frozen=True)
class Use:
    """A place in which a study speaks.

    Parameters
    ----------
    share : float
        The study's part of what the reading's own studies say together.
    """

    path: str
    reading: str
    weight: float
    share: float
    programmes: tuple[str, ...]


def basis(law: EffectLaw | None, lever: str | None) -> str:
    """Return how an effect is known, a key under ``basis`` in ``words/``."""
    if (lever or "").startswith("border."):
        return "queues"
    if law is None:
        return "assumed" if lever else "no_mechanism"
    if law.contested:
        return "contested_prior_driven" if law.prior_driven else "contested"
    if not law.studies:
        return "no_study"
    return "prior_driven" if law.prior_driven else "studies"


def effect_path(programme: Programme) -> str | None:
    """Return the parameter that holds a programme's effect, or None where no study could speak to it.

    Police training is known by the elasticity alone; treatment and probation by their outcome at home.
    """
    lever = programme.lever or ""
    if lever.startswith("policing."):
        return "policing.elasticity"
    return next((path for end in (*HOME, "effect") if (path := f"{lever}.{end}") in entries()), None)


def knowledge(parameters: Parameters, path: str, bias: bool = True) -> Known:
    """Return what is known of the effect that a parameter holds.

    Parameters
    ----------
    bias : bool
        Whether designs are taken to be biased either way.
    """
    entry = entries()[path]
    law = parameters.effect(path, bias)
    studies = forest(parameters.register, parameters.readings(path), entry.scale, bias)
    names = [short(row["citation"], row["year"]) for row in studies.iter_rows(named=True)]
    made = enumerate(law.labels if law.studies else ())
    readings = tuple(summary(alone(law, at), label, float(law.weights[at])) for at, label in made)
    return Known(
        path=path,
        elasticity=entry.scale == "elasticity",
        law=law,
        studies=studies.with_columns(pl.Series("name", names, dtype=pl.String)),
        readings=readings,
        whole=summary(law, None, 1.0),
    )


def summary(law: EffectLaw, reading: str | None, weight: float) -> Summary:
    """Return a law in figures."""
    median, low, high = (law.quantile(q) for q in (0.5, 0.05, 0.95))
    return Summary(reading, weight, median, low, high, law.probability_harm)


def alone(law: EffectLaw, at: int) -> EffectLaw:
    """Return the law of one reading of a mixture."""
    one = slice(at, at + 1)
    return replace(
        law,
        labels=law.labels[one],
        weights=np.ones(1),
        means=law.means[one],
        sds=law.sds[one],
        parts=law.parts[:, one],
    )


def short(citation: str, year: int) -> str:
    """Return a study as a forest names it: one author, two, or the first and others; and its year."""
    authors = re.split(r", | & ", re.split(r" [(/]|, via| via ", citation)[0])
    if len(authors) > 2 or "et al." in authors[0]:
        authors = [f"{authors[0].split(' et al.')[0]} et al."]
    return f"{' & '.join(authors)} {year}"


def standings(framework: Framework, facts: Facts, bias: bool = True) -> tuple[Standing, ...]:
    """Return what stands behind each programme of a framework, in its order."""
    parameters = Parameters(facts, Register(facts.as_of), {})
    by_path: dict[str, Known] = {}
    found = []
    for name, programme in framework.programmes.items():
        path = effect_path(programme)
        if path is not None and path not in by_path:
            by_path[path] = knowledge(parameters, path, bias)
        known = by_path[path] if path else None
        found.append(Standing(name, known, routes_of(programme), tuple(missing(programme, known))))
    return tuple(found)


def totals(found: Iterable[Standing]) -> dict[str, int]:
    """Return how many programmes there are, and how many of those with a mechanism lack what."""
    every = list(found)
    pulled = [one for one in every if one.routes]
    known = [one.known for one in pulled if one.known is not None]
    return {
        "programmes": len(every),
        "pulled": len(pulled),
        "few": sum(one.known is None or one.known.law.prior_driven for one in pulled),
        "none": sum("no_study" in one.missing for one in pulled),
        "before_after": sum("only_before_after" in one.missing for one in pulled),
        "mexican": sum(one.mexican > 0 for one in known),
        "contested": sum(one.law.contested for one in known),
        "costs": sum("no_cost" not in one.missing for one in pulled),
    }


def routes_of(programme: Programme) -> dict[str, str]:
    """Return the route by which a programme's lever reaches each outcome."""
    return {outcome: one.route for (lever, outcome), one in routes().items() if lever == programme.lever}


def missing(programme: Programme, known: Known | None) -> Iterator[str]:
    """Yield what a programme's evidence lacks."""
    if known is None:
        yield from ["no_study"] if programme.lever else []
    elif not known.law.studies:
        yield "no_study"
    else:
        if set(known.designs) == {"before_after"}:
            yield "only_before_after"
        if not known.law.with_figure:
            yield "no_figure"
        elif not (known.counted["error_source"] == "published").any():
            yield "no_error"
        if not known.mexican:
            yield "no_mexican"
    if programme.unit_cost.grade == "assumption":
        yield "no_cost"


def uses(framework: Framework, register: Register, bias: bool = True) -> Mapping[str, tuple[Use, ...]]:
    """Return where each study is named, by study; one that is named nowhere is not among them."""
    pulled: dict[str, list[str]] = {}
    for name, programme in framework.programmes.items():
        pulled.setdefault(effect_path(programme) or "", []).append(name)
    found: dict[str, list[Use]] = {}
    for path, entry in entries().items():
        if not entry.evidence:
            continue
        shares = {
            (row["reading"], row["study"]): row["weight"]
            for row in forest(register, entry.evidence, entry.scale, bias).iter_rows(named=True)
        }
        for reading in entry.evidence:
            for study in reading.studies:
                share = shares.get((reading.label, study)) or 0.0
                use = Use(path, reading.label, reading.weight, share, tuple(pulled.get(path, ())))
                found.setdefault(study, []).append(use)
    return {study: tuple(of) for study, of in found.items()}


def unused(register: Register, named: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the studies that no reading names, by the reason: keys under ``evidence.standing`` in ``words/``.

    ``informs``: it counts in the model of all studies, and so speaks of programmes like its own.
    """
    found: dict[str, list[str]] = {}
    for study, why in standing_of(register).items():
        if study not in named:
            found.setdefault("informs" if why == COUNTED else why, []).append(study)
    return {why: tuple(studies) for why, studies in found.items()}


def standing_of(register: Register) -> dict[str, str]:
    """Return whether each study of the register counts at its date, or why not; those not known, by the reason."""
    unverified = register.listed.filter(pl.col("status") != "verified")["study"].to_list()
    return {
        study: why if why != UNKNOWN else "unverified" if study in unverified else "later"
        for study, why in statuses(register).items()
    }
