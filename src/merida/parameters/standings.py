"""What stands behind each programme of a framework: the effect it rests on, its routes, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from merida.evidence import EffectDistribution, Known, Register, forest, known_effect
from merida.evidence.effects import chosen
from merida.facts import Facts
from merida.framework import Framework, Programme
from merida.parameters.parameters import Parameters, entries, weights
from merida.parameters.routes import routes

HOME = ("arrests_effect", "deaths_effect")  # effects of treatment and probation, on their outcome at home


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
        distribution = self.known.distribution
        return (distribution.with_figure, distribution.independent, distribution.share_from_data)


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


def effect_path(programme: Programme) -> str | None:
    """Return the parameter that holds a programme's effect, or None where no study could speak to it.

    Police training is known by the elasticity alone; treatment and probation by their outcome at home.
    """
    lever = programme.lever or ""
    if lever.startswith("policing."):
        return "policing.elasticity"
    return next((path for end in (*HOME, "effect") if (path := f"{lever}.{end}") in entries()), None)


def knowledge(parameters: Parameters, path: str, bias: bool = True) -> Known:
    """Return what is known of the effect that a parameter holds; see `merida.evidence.known_effect`."""
    entry = entries()[path]
    settings = tuple(setting for setting, (of, _) in weights().items() if of == path)
    return known_effect(
        parameters.register, path, parameters.readings(path), entry.kind, entry.scale, settings, bias
    )


def idle_weights(register: Register, settings: Iterable[str]) -> dict[str, str]:
    """Return, of the settings that give a reading its weight, those without effect, with the name of the reading.

    A reading of which no study was known at the register's date cannot be made, whatever its weight.
    """
    idle = {}
    for setting in settings:
        path, label = weights().get(setting, ("", ""))
        for reading in entries()[path].evidence or () if path else ():
            if reading.label == label and not chosen(register, reading.studies):
                idle[setting] = label
    return idle


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
        "few": sum(one.known is None or one.known.distribution.prior_driven for one in pulled),
        "none": sum("no_study" in one.missing for one in pulled),
        "before_after": sum("only_before_after" in one.missing for one in pulled),
        "mexican": sum(one.mexican > 0 for one in known),
        "contested": sum(one.distribution.contested for one in known),
        "costs": sum("no_cost" not in one.missing for one in pulled),
    }


def routes_of(programme: Programme) -> dict[str, str]:
    """Return the route by which a programme's lever reaches each outcome."""
    return {outcome: one.route for (lever, outcome), one in routes().items() if lever == programme.lever}


def missing(programme: Programme, known: Known | None) -> Iterator[str]:
    """Yield what a programme's evidence lacks."""
    if known is None:
        yield from ["no_study"] if programme.lever else []
    elif not known.distribution.studies:
        yield "no_study"
    else:
        if set(known.designs) == {"before_after"}:
            yield "only_before_after"
        if not known.distribution.with_figure:
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


def effects(framework: Framework, facts: Facts) -> dict[str, EffectDistribution | None]:
    """Return each programme's law of effect: on homicide, or for treatment and probation on their outcome at home."""
    parameters = Parameters(facts, Register(facts.as_of), {})
    paths = {name: effect_path(programme) for name, programme in framework.programmes.items()}
    return {name: parameters.effect(path) if path else None for name, path in paths.items()}
