"""Bad input by the thousand, the same for the same seed: valid files and options with one or several things made wrong.

A case is a command with its files. Whatever is in it, the program must end with 0, 1 or 2 and a message, never with a
traceback, within a bounded time, and leave nothing half written.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

# Things that break parsers: numbers that are none, beyond what a machine holds, or look like digits; text that means
# something to a terminal, a spreadsheet, a query or a template; characters that are invisible.
NASTY = (
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1e308",
    "1e-308",
    "1e999",
    "-1e999",
    "nan",
    "inf",
    "1_0",
    "０１２",
    "²",
    "½",
    "0x10",
    "1e",
    "1.2.3",
    "1,234,567.8",
    "13,500",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "9" * 400,
    "9" * 5000,
    "1850",
    "99999",
    "2012-13",
    "2012-00",
    "0000-01",
    "9999-12",
    "290000-01",
    "２０１２-01",
    "2012-1",
    "true",
    "None",
    "null",
    "[/x]",
    "[red]x",
    "{x}",
    "{0}",
    "%s",
    "=1+1",
    "@cmd",
    "'; drop table homicides_year; --",
    "../../etc/passwd",
    "/dev/null",
    "\x1b[31m",
    "\u202e",
    "\ufeff",
    "é" * 300,
    "x" * 70_000,
    "\n",
    "\t",
    '"',
    "'",
    "\\",
    "Juárez",
    "Ciudad Juarez",
    "BOTA",
    "08037",
    "8037",
    "23011",
    "MX",
    "99",
)
PLAN_CSV = """programme,account,place,start,end,usd_per_year
local_police_training,INCLE,08,2013-01,2015-12,1000000
vetting,INCLE,MX,2013-01,2014-12,2500000.5
street_outreach,ESF,08037,2014-01,2016-12,750000
"""
PLAN_TOML = """name = "own"
framework = "merida"

[[row]]
programme = "local_police_training"
account = "INCLE"
place = "08"
start = "2013-01"
end = "2015-12"
usd_per_year = 1000000

[[row]]
programme = "vetting"
account = "INCLE"
place = "MX"
start = "2013-01"
end = "2014-12"
usd_per_year = 2500000.5
"""
STUDIES = """study,events_treated,n_treated,events_control,n_control,year
A,4,123,11,139,1948
B,6,306,29,303,1949
C,3,231,11,220,1960
D,62,13598,248,12867,1977
"""
WAITS = """crossing,mode,lane,weekday,hour,wait_minutes
240201,cars,general,0,8,40
240201,cars,general,1,17,65
250401,cars,sentri,2,7,12
"""
DEATHS = """municipality,year,deaths,basis
08037,2012,750,occurrence
19039,2012,620,occurrence
12001,2012,1100,occurrence
"""
INDICATORS = """code,pillar,title,level,unit,direction,date,state,value,baseline_date,baseline,target_date,target,source
X-01,rule_of_law,Trained,output,percent,up,2019,08,10,2018,5,2021,60,a report
X-01,rule_of_law,Trained,output,percent,up,2020,Chihuahua,20,2018,5,2021,60,a report
X-02,border,Waits,outcome,minutes,down,2019-06,,13.5,,,,,a report
"""
SQL = "select year, sum(deaths) as n from homicides_year where basis = 'registration' group by year order by year limit 5"
PLAN_JSON = (
    '"name": "own", "rows": [{"programme": "vetting", "account": "INCLE", "place": "MX", "start": "2013-01", '
    '"end": "2014-12", "usd_per_year": 2500000.0}]}'
)
RECORD = {  # of a plan that its framework does not allow, so that none of the records runs
    "kind": "merida run",
    "framework": "merida",
    "framework_digest": "0" * 64,
    "facts_digest": "0" * 64,
    "register_digest": "0" * 64,
    "parameters_digest": "0" * 64,
    "as_of": "2012-12",
    "seed": 0,
    "draws": 2,
    "years": 3,
    "held": {},
    "options": {"plans": ["own.toml"]},
    "plans": {"own": [["vetting", "HHS", "MX", "2013-01", "2014-12", 2.5e6]]},
    "identities": {"own": {"name": "own", "source": "own.toml", "made_from": "", "digest": "0" * 64}},
    "versions": {"merida": "0.0.0"},
    "processor": "none",
    "outputs_digest": "0" * 64,
    "outputs": {"own": {"mean": [1.0], "low": [0.5], "high": [2.0]}},
}


@dataclass(frozen=True)
class Case:
    """One command and the files that it finds, by name."""

    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


def mutated(text: str, chance: random.Random) -> bytes:
    """Return a text with one to three things made wrong, in some encoding."""
    for _ in range(chance.randint(1, 3)):
        text = chance.choice(MUTATIONS)(text, chance)
    encoding = chance.choices(
        ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252", "utf-32"), (12, 2, 2, 2, 1, 1)
    )[0]
    data = text.encode(encoding, errors="replace")
    if chance.random() < 0.05:
        data = data[: chance.randrange(len(data) + 1)] + bytes(
            chance.randrange(256) for _ in range(chance.randrange(40))
        )
    return data


def value_replaced(text: str, chance: random.Random) -> str:
    """Put something nasty where a value stood."""
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    for separator in (",", " = "):
        if separator in lines[number]:
            cells = lines[number].split(separator)
            cells[chance.randrange(len(cells))] = chance.choice(NASTY)
            lines[number] = separator.join(cells)
            break
    return "\n".join(lines)


def line_changed(text: str, chance: random.Random) -> str:
    """Drop, double, empty, swap or shuffle lines."""
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        del lines[number]
    elif kind == 1:
        lines.insert(number, lines[number])
    elif kind == 2:
        lines.insert(number, "")
    elif kind == 3:
        chance.shuffle(lines)
    else:
        lines[number] = lines[number] + chance.choice((",", ",,,", ";", " #", "\t", '"'))
    return "\n".join(lines)


def separators_changed(text: str, chance: random.Random) -> str:
    """Write another separator, another decimal sign, other ends of lines."""
    old, new = chance.choice(
        ((",", ";"), (",", "\t"), (",", "|"), (".", ","), ("\n", "\r\n"), ("\n", "\r"), ("=", ":"))
    )
    return text.replace(old, new)


def cut_or_repeated(text: str, chance: random.Random) -> str:
    """Cut the text, or repeat it."""
    if chance.random() < 0.5:
        return text[: chance.randrange(len(text) + 1)]
    return text * chance.choice((2, 3, 50))


def inserted(text: str, chance: random.Random) -> str:
    """Insert something nasty anywhere."""
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(NASTY) + text[place:]


def nested(text: str, chance: random.Random) -> str:
    """Add a value nested far too deep, or a very long key."""
    depth = chance.choice((10, 200, 3000))
    extra = ("[" * depth + "]" * depth, "{a=" * depth + "1" + "}" * depth, "k" * depth)[chance.randrange(3)]
    return f"deep = {extra}\n{text}"


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    value_replaced,
    value_replaced,
    value_replaced,
    line_changed,
    separators_changed,
    cut_or_repeated,
    inserted,
    nested,
)


def of_file(name: str, text: str, *arguments: str) -> Callable[[random.Random], Case]:
    """Return a maker of cases in which a command reads a file with something wrong; FILE stands for its name."""

    def make(chance: random.Random) -> Case:
        return Case(
            tuple(name if word == "FILE" else word for word in arguments), {name: mutated(text, chance)}
        )

    return make


def of_options(*words: str) -> Callable[[random.Random], Case]:
    """Return a maker of cases in which one option or argument of a command, marked ``?default``, is nasty."""

    def make(chance: random.Random) -> Case:
        open_places = [number for number, word in enumerate(words) if word.startswith("?")]
        wrong = set(chance.sample(open_places, chance.choice((1, 1, 1, 2)) if len(open_places) > 1 else 1))
        return Case(
            tuple(
                chance.choice(NASTY) if number in wrong else word.removeprefix("?")
                for number, word in enumerate(words)
            )
        )

    return make


def of_record(chance: random.Random) -> Case:
    """Return a case in which a run record was edited by hand."""
    tree = json.loads(json.dumps(RECORD))
    for _ in range(chance.randint(1, 3)):
        key = chance.choice(sorted(tree) or ["kind"])
        kind = chance.randrange(4)
        if kind == 0:
            tree.pop(key, None)
        elif kind == 1:
            tree[key] = chance.choice((None, [], {}, -1, 1e308, float("nan"), True, *NASTY))
        elif kind == 2:
            tree[chance.choice(NASTY)[:50]] = 1
        elif isinstance(tree.get("plans"), dict):
            rows = next(iter(tree["plans"].values()), [])
            if isinstance(rows, list) and rows and isinstance(rows[0], list) and rows[0]:
                rows[0][chance.randrange(len(rows[0]))] = chance.choice(NASTY)
    return Case(("reproduce", "run.json"), {"run.json": json.dumps(tree).encode("utf-8", errors="replace")})


def of_plan_written_out(chance: random.Random) -> Case:
    """Return a case in which a plan in JSON on the command line has something wrong."""
    text = "{" + mutated(PLAN_JSON, chance).decode("utf-8", errors="replace").replace("\0", "")
    return Case(("plan", "show", text))


def of_query(chance: random.Random) -> Case:
    """Return a case in which a query has something wrong or tries to write."""
    if chance.random() < 0.5:
        return Case(("facts", "sql", mutated(SQL, chance).decode("utf-8", errors="replace")))
    table = chance.choice(("homicides_year", "ports", "nothing"))
    verb = chance.choice(
        (
            f"update {table} set deaths = 0",
            f"delete from {table}",
            f"drop table {table}",
            f"insert into {table} select * from {table}",
            f"create table x as select * from {table}",
            f"copy {table} to 'out.csv'",
            "install httpfs",
            "load httpfs",
            "attach 'x.db'",
            "set memory_limit = '1TB'",
            "pragma version",
            "select * from read_csv('/etc/passwd')",
            "select getenv('HOME')",
            "call pragma_version()",
        )
    )
    before = chance.choice(
        ("", "explain ", "explain analyze ", "with x as (select 1) ", "select 1; ", "/* */ ", "-- \n")
    )
    return Case(("facts", "sql", before + verb))


MAKERS: tuple[Callable[[random.Random], Case], ...] = (
    of_file("plan.csv", PLAN_CSV, "plan", "check", "FILE"),
    of_file("plan.toml", PLAN_TOML, "plan", "check", "FILE"),
    of_file("plan.toml", PLAN_TOML, "plan", "diff", "FILE", "continuation", "--as-of", "2012-12"),
    of_file("studies.csv", STUDIES, "evidence", "pool", "--file", "FILE", "--measure", "RR"),
    of_file("studies.csv", STUDIES, "evidence", "pool", "--file", "FILE", "--measure", "PETO", "--bias"),
    of_file("waits.csv", WAITS.replace("40\n", "-40\n"), "border", "score", "--file", "FILE"),
    of_file(
        "deaths.csv",
        DEATHS.replace("750", "-750"),
        "violence",
        "backtest",
        "--actuals",
        "FILE",
        "--origin",
        "2011-12",
    ),
    of_record,
    of_plan_written_out,
    of_query,
    of_options("facts", "show", "?homicides_year", "--as-of", "?2012-12"),
    of_options("facts", "why", "?homicides_year", "?municipality=08037", "?year=2010", "?basis=registration"),
    of_options("plan", "show", "?memo", "--as-of", "?2012-12"),
    of_options("evidence", "list", "--country", "?MX", "--as-of", "?2012-12"),
    of_options("evidence", "show", "?community_prevention", "--as-of", "?2012-12"),
    of_options("violence", "monitor", "--place", "?nowhere at all"),
    of_options("violence", "forecast", "--place", "?nowhere at all", "--months", "?3", "--draws", "?2"),
    of_options(
        "border",
        "queue",
        "--arrivals-per-hour",
        "?8",
        "--service-per-hour",
        "?1",
        "--servers",
        "?10",
        "--customers",
        "?2000",
    ),
    of_options("border", "waits", "?nowhere at all", "--month", "?2019-12"),
    of_options(
        "simulate",
        "?no_such_plan",
        "--versus",
        "?continuation",
        "--draws",
        "?0",
        "--years",
        "?3",
        "--seed",
        "?0",
    ),
    of_options("allocate", "--budget", "?0", "--draws", "?0"),
    of_options("claims", "?deaths_2011"),
    of_file("indicators.csv", INDICATORS, "scorecard", "add", "FILE", "--dry-run"),
    of_options("scorecard", "--pillar", "?no_such_pillar", "--as-of", "?2012-12"),
    of_options("scorecard", "--state", "?nowhere at all"),
    of_options("framework", "check", "?no_such_framework"),
)


def cases(count: int, seed: int) -> list[Case]:
    """Return cases, every kind in turn."""
    chance = random.Random(seed)
    return [MAKERS[number % len(MAKERS)](chance) for number in range(count)]
