"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import (
    border,
    brief,
    claims,
    data,
    evidence,
    own_studies,
    place,
    places,
    plan,
    questions,
    risk,
    runs,
    scorecard,
    today,
)

ROOMS = (
    today.router,
    places.router,
    place.router,
    border.router,
    evidence.router,
    own_studies.router,
    runs.router,
    plan.router,
    risk.router,
    scorecard.router,
    claims.router,
    brief.router,
    data.router,
    questions.router,
)
