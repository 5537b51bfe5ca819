"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import brief, claims, data, questions, scorecard

ROOMS = (scorecard.router, claims.router, brief.router, data.router, questions.router)
