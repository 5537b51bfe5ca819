"""The pages, a file each: `router(bench)` gives a page's addresses. The questions come last: all others are theirs."""

from merida.workbench.rooms import questions

ROOMS = (questions.router,)
