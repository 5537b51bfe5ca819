"""What stands behind each programme of a framework: the effect it rests on, its routes, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from merida.evidence import EffectDistribution, Known, Register, forest, known_effect
from merida.evidence.effects import chosen
from merida.evidence.known import basis
from merida.facts import Facts
from merida.framework import Framework, Programme
from merida.parameters.parameters import Parameters
from merida.parameters.registry import entries, readings, weights
from merida.parameters.routes import has_way, routes

# Outcomes by which a programme is known, the first that it has: treatment and probation by theirs at home.
KNOWN_BY = ("us_arrests", "us_overdose_deaths", "homicides")


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
        if "no_own_study" in self.missing:
            return (0.0, 0.0, distribution.share_from_data)
        return (distribution.with_figure, distribution.independent, distribution.share_from_data)


@dataclass(frozen=True)
class Use:
    """A place in which a study speaks.

    Parameters
    ----------
    path, reading : str
        The parameter, and the reading of it that names the study.
    weight : float
        The reading's weight among the readings of the parameter.
    share : float
        The study's part of what the reading's own studies say together.
    programmes : tuple of str
        The programmes whose effect the parameter holds.
    """

    path: str
    reading: str
    weight: float
    share: float
    programmes: tuple[str, ...]


def effect_path(programme: Programme) -> str | None:
    """Return the parameter that holds a programme's effect, or None where no study could speak to it.

    Treatment and probation are known by their outcome at home.

    Examples
    --------
    >>> effect_path(Framework.load("merida").programmes["drug_treatment"])
    'demand.treatment.deaths_effect'
    """
    outcome = known_by(programme)
    return studied_path(programme.lever, outcome) if outcome else None


def known_by(programme: Programme) -> str | None:
    """Return the outcome by which a programme is known, or None where no study could speak to its effect.

    Examples
    --------
    >>> known_by(Framework.load("merida").programmes["drug_treatment"])
    'us_overdose_deaths'
    """
    return next((outcome for outcome in KNOWN_BY if studied_path(programme.lever, outcome)), None)


def studied_path(lever: str | None, outcome: str) -> str | None:
    """Return the parameter that studies speak to, of those by which a lever reaches an outcome as a reduced form.

    Where no way is known it is the lever's own effect, which stands for it under the wide law: studies of something else,
    as of police numbers, do not speak to a lever such as vetting.

    Examples
    --------
    >>> studied_path("communities.youth_cbt", "homicides"), studied_path("policing.vetting", "homicides")
    ('communities.youth_cbt.effect', None)
    """
    route = routes().get((lever or "", outcome))
    if route is None or route.route == "chain":
        return None
    own = f"{lever}." if route.route == "unknown" else ""
    return next(
        (path for path in route.by if path.startswith(own) and entries()[path].evidence is not None), None
    )


def borrowed(lever: str | None, outcome: str = "homicides") -> bool:
    """Return whether the studies that a lever's effect rests on are of something else: of police numbers, not of vetting.

    Examples
    --------
    >>> borrowed("policing.vetting"), borrowed("communities.focused_deterrence")
    (True, False)
    """
    path = studied_path(lever, outcome)
    return path is not None and not path.startswith(f"{lever}.")


def grounds(parameters: Parameters, lever: str, outcome: str = "homicides") -> str:
    """Return what a lever's way to an outcome rests on in a run: ``study``, ``chain``, or ``none``.

    A reduced form of which no study of its own was known at the date rests on none, and so does a lever without a way
    that a scenario opened.
    """
    route = routes()[lever, outcome].route
    if route != "reduced form":
        return "chain" if route == "chain" else "none"
    path = studied_path(lever, outcome)
    own = path is not None and not borrowed(lever, outcome) and parameters.effect(path).studies
    return "study" if own else "none"


def how_known(lever: str | None, distribution: EffectDistribution | None) -> str:
    """Return how a lever's effect is known, by queues at the ports or by studies: a key under ``basis`` in ``words/``."""
    if (lever, "border_delay") in routes():
        return "queues"
    if (route := routes().get((lever or "", "homicides"))) is not None and route.route == "chain":
        return "chain"
    return (
        "unknown"
        if lever and not any(has_way(lever, outcome) for _, outcome in routes())
        else basis(distribution, lever)
    )


def knowledge(parameters: Parameters, path: str, bias: bool = True) -> Known:
    """Return what is known of the effect that a parameter holds; see `merida.evidence.known_effect`.

    Parameters
    ----------
    path : str
        A parameter that rests on evidence.
    bias : bool
        Whether designs are taken to be biased either way.

    Examples
    --------
    >>> knowledge(Parameters(Facts(), Register(), {}), "policing.elasticity").mexican
    1
    """
    entry = entries()[path]
    weighted = tuple(name for name, (of, _) in weights().items() if of == path)
    return known_effect(
        parameters.evidence, path, parameters.readings(path), entry.kind, entry.scale, weighted, bias
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


def standings(
    framework: Framework, facts: Facts, bias: bool = True, held: Mapping[str, float] | None = None
) -> tuple[Standing, ...]:
    """Return what stands behind each programme of a framework, in its order.

    Parameters
    ----------
    bias : bool
        Whether designs are taken to be biased either way.
    held : mapping or None
        Priors held at one number, and weights of readings, by path.

    Examples
    --------
    >>> standings(Framework.load("merida"), Facts())[0].routes
    {'homicides': 'reduced form'}
    """
    parameters = Parameters(facts, Register(facts.as_of), held or {}, framework)
    known_by_path: dict[str, Known] = {}
    rows = []
    for name, programme in framework.programmes.items():
        path = effect_path(programme)
        if path is not None and path not in known_by_path:
            known_by_path[path] = knowledge(parameters, path, bias)
        known = known_by_path[path] if path else None
        rows.append(Standing(name, known, routes_of(programme), tuple(missing(programme, known))))
    return tuple(rows)


def totals(rows: Iterable[Standing]) -> dict[str, int]:
    """Return how many programmes there are, and how many of those with a mechanism lack what.

    Examples
    --------
    >>> totals([Standing("vetting", None, {}, ())])["programmes"]
    1
    """
    programmes = list(rows)
    with_mechanism = [standing for standing in programmes if standing.routes]
    known = [standing.known for standing in with_mechanism if standing.known is not None]

    def lacking(what: str) -> int:
        return sum(what in standing.missing for standing in with_mechanism)

    return {
        "programmes": len(programmes),
        "pulled": len(with_mechanism),
        "few": sum(
            standing.known is None
            or standing.known.distribution.prior_driven
            or "no_own_study" in standing.missing
            for standing in with_mechanism
        ),
        "none": lacking("no_study") + lacking("no_own_study"),
        "before_after": lacking("only_before_after"),
        "mexican": sum(
            standing.known is not None
            and standing.known.mexican > 0
            and "no_own_study" not in standing.missing
            for standing in with_mechanism
        ),
        "contested": sum(effect.distribution.contested for effect in known),
        "costs": len(with_mechanism) - lacking("no_cost"),
    }


def routes_of(programme: Programme) -> dict[str, str]:
    """Return the route by which a programme's lever reaches each outcome."""
    return {outcome: route.route for (lever, outcome), route in routes().items() if lever == programme.lever}


def missing(programme: Programme, known: Known | None) -> Iterator[str]:
    """Yield what a programme's evidence lacks, keys under ``evidence.missing`` in ``words/``."""
    if known is None:
        yield from ["no_study"] if programme.lever else []
    elif not known.distribution.studies:
        yield "no_study"
    elif borrowed(programme.lever, known_by(programme) or ""):
        yield "no_own_study"
    else:
        if set(known.designs) == {"before_after"}:
            yield "only_before_after"
        if not known.distribution.with_figure:
            yield "no_figure"
        elif not known.counted["error_source"].is_in(["published", "difference"]).any():
            yield "no_error"
        if not known.mexican:
            yield "no_mexican"
    if programme.unit_cost.grade == "assumption":
        yield "no_cost"


def uses(
    framework: Framework,
    register: Register,
    bias: bool = True,
    held: Mapping[str, float] | None = None,
) -> Mapping[str, tuple[Use, ...]]:
    """Return where each study is named, by study; one that is named nowhere is not among them.

    Parameters
    ----------
    bias : bool
        Whether designs are taken to be biased either way.
    held : mapping or None
        Weights of readings that a user holds, by path; other priors of the evidence come with the register.

    Examples
    --------
    >>> uses(Framework.load("merida"), Register())["delvillar2019"][0].path
    'policing.elasticity'
    """
    programmes: dict[str, list[str]] = {}
    for name, programme in framework.programmes.items():
        programmes.setdefault(effect_path(programme) or "", []).append(name)
    places: dict[str, list[Use]] = {}
    for path, entry in entries().items():
        if not entry.evidence:
            continue
        weighted = readings(path, held or {})
        shares = {
            (row["reading"], row["study"]): row["weight"]
            for row in forest(register, weighted, entry.scale, bias).iter_rows(named=True)
        }
        for reading in weighted:
            for study in reading.studies:
                share = shares.get((reading.label, study)) or 0.0
                use = Use(path, reading.label, reading.weight, share, tuple(programmes.get(path, ())))
                places.setdefault(study, []).append(use)
    return {study: tuple(of_study) for study, of_study in places.items()}


def effects(framework: Framework, facts: Facts) -> dict[str, EffectDistribution | None]:
    """Return the distribution of each programme's effect: on homicide, or for treatment and probation at home.

    None where no study could speak to it.
    """
    parameters = Parameters(facts, Register(facts.as_of), {})
    paths = {name: effect_path(programme) for name, programme in framework.programmes.items()}
    return {name: parameters.effect(path) if path else None for name, path in paths.items()}
