"""The pages, a file each: `router(bench)` gives a page's addresses. The questions come last: every other address is theirs."""

from merida.workbench.rooms import questions

ROOMS = (questions.router,)
