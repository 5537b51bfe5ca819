"""The pages, a file each: `router(bench)` gives its addresses. Questions come last: every other address is theirs."""

from merida.workbench.rooms import questions

ROOMS = (questions.router,)
