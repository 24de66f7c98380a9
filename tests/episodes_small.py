"""A small exit of one's own and the header of a table of observations, for tests of episodes."""

SCENARIO = """extends: base
world: {source: synthetic, states: 12, organizations: 6, seed: 15}
quarters: 20
shocks:
  - {kind: exit, actor: USA, organizations: [O001], announced: 2025Q2, notice_quarters: 1}
"""
HEAD = "episode,scenario,organization,quantity,observed,low,high,seen,source,note\n"
