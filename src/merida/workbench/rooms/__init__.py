"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import claims, data, questions, scorecard

ROOMS = (scorecard.router, claims.router, data.router, questions.router)
