"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import plan, questions, risk, runs

ROOMS = (runs.router, plan.router, risk.router, questions.router)
