"""Are the parts of the strategy where they should be? Indicators, verdicts that are scored, pace and evenness.

Definitions are data (`merida.framework.indicators`), actuals are queries of the record. `card` brings them together;
`progress` says how likely a target is, `scoring` how good such verdicts were; `pace` follows money, `evenness` says how
evenly it lies where only totals are known, `effort` what of it can be traced and what part of all effort it is; `own`
reads a user's own indicators.
"""
