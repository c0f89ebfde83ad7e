# SPDX-License-Identifier: Apache-2.0
"""Random reports: whatever an answer may say, and texts that no paper may take for its own."""

from __future__ import annotations

from hypothesis import strategies as st

from privity.audit.evidence import GAPS, Gap
from privity.audit.papers.contents import ANSWERS
from privity.audit.papers.timeline import LANES
from privity.audit.report import Event, Finding, Report, Table

TEXT = st.text(
    st.one_of(
        st.sampled_from("<>&\"'\u202e\u2028\u0000\n 日本עΩ]]>--"),
        st.characters(codec="utf-8", categories=["L", "N", "P", "Z", "S"]),
    ),
    max_size=24,
)
NAMES = st.text("abcdefgh_-", min_size=1, max_size=12)
COUNTS = st.integers(0, 10**6)
MAYBE = st.none() | COUNTS
CELLS = st.none() | COUNTS | TEXT
INSTANTS = st.integers(-(10**10), 10**11)
PLAIN = st.recursive(
    st.none() | st.booleans() | COUNTS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(TEXT, min_size=1, max_size=14).map(tuple))
    row = st.tuples(*(CELLS for _ in columns))
    return Table(
        title=draw(TEXT),
        columns=columns,
        rows=draw(st.lists(row, max_size=4).map(tuple)),
        note=draw(TEXT),
    )


EVENTS = st.builds(
    Event,
    lane=st.sampled_from([*LANES, "of my own"]),
    label=TEXT,
    at=INSTANTS,
    until=st.none() | INSTANTS,
    entry=MAYBE,
)
FINDINGS = st.builds(
    Finding,
    kind=NAMES,
    what=TEXT,
    entry=MAYBE,
    release=st.none() | NAMES,
    revision=MAYBE,
    reasons=st.lists(NAMES, max_size=2).map(tuple),
    records=st.lists(COUNTS | TEXT, max_size=12).map(tuple),
    members=COUNTS,
    evidence=st.lists(COUNTS, max_size=3).map(tuple),
)
GIVEN_GAPS = st.builds(
    Gap,
    kind=st.sampled_from(GAPS),
    what=TEXT,
    entries=st.lists(COUNTS, max_size=2).map(tuple),
    records=MAYBE,
    members=MAYBE,
)
LOGS = st.fixed_dictionaries(
    {
        "origin": TEXT,
        "size": COUNTS,
        "root": TEXT,
        "signed_by": st.lists(TEXT, max_size=2),
        "key_given": st.booleans(),
        "simulated": st.booleans(),
    }
)
REPORTS = st.builds(
    Report,
    kind=st.sampled_from(["class", "replay", "statement", "whatif"]),
    title=TEXT,
    asked=st.dictionaries(NAMES, PLAIN, max_size=4),
    answer=st.sampled_from([*ANSWERS]),
    summary=st.lists(TEXT, max_size=2).map(tuple),
    figures=st.dictionaries(NAMES, CELLS, max_size=5),
    tables=st.lists(tables(), max_size=2).map(tuple),
    timeline=st.lists(EVENTS, max_size=9).map(tuple),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
    items=st.lists(st.dictionaries(NAMES, PLAIN, max_size=5), max_size=4).map(tuple),
    not_covered=st.lists(GIVEN_GAPS, max_size=2).map(tuple),
    method=st.lists(TEXT, max_size=2).map(tuple),
    log=LOGS,
)
