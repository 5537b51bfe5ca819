"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import plan, questions, runs

ROOMS = (runs.router, plan.router, questions.router)
