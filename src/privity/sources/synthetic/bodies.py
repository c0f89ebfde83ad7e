# SPDX-License-Identifier: Apache-2.0
"""Bodies of made text: business words in sentences, log-normal in length, no two alike.

Every body begins with three made names that spell the record's number, so none repeats. All words of a
block are one Arrow `take`; bodies are cuts in its bytes, which keeps a million of them within a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.sources.synthetic.draws import Floats, Integers

MEAN_BYTES: Final = 340
"""Of a body, before the longest are cut."""

LONGEST_BYTES: Final = 1 << 16

_SPREAD: Final = 0.9
_NAMES: Final = 4096
_SKEW: Final = 1.7
"""Common words come more often than rare ones: draws are taken to this power."""

_OPENERS: Final = "Our The This Your Their Each Another Every".split()
_ARTICLES: Final = "the our your its their this each another".split()
_LINKS: Final = (
    "for with across before after behind under within towards beyond around beside through "
    "about into despite without against during until"
).split()
_ADJECTIVES: Final = (
    "quarterly regional annual weekly joint shared early late open final first second next "
    "updated revised pending approved rejected public internal external global local national "
    "strategic technical commercial legal financial operational digital mobile remote hybrid "
    "senior junior interim permanent part-time full-time seasonal temporary steady rapid slow "
    "strong weak firm flexible lean agile modular simple complex clear vague detailed brief "
    "careful bold cautious practical measured realistic ambitious modest large small medium "
    "narrow broad deep shallow critical routine urgent planned delayed missed preferred former "
    "current future recent past upcoming independent reliable consistent uneven stable volatile "
    "profitable costly affordable scalable sustainable renewable certified licensed accredited "
    "bilingual multilingual cross-border domestic overseas northern southern eastern western "
    "central nordic urban rural industrial clinical academic editorial creative visual verbal "
    "written signed unsigned draft binding voluntary mandatory optional seasoned curious patient "
    "direct indirect inbound outbound upstream downstream backlogged funded unfunded audited"
).split()
_NOUNS: Final = (
    "forecast pipeline budget review vendor supplier client customer partner team manager "
    "director analyst engineer designer recruiter candidate applicant intern mentor trainer "
    "speaker panel workshop seminar webinar conference meeting agenda minute memo report summary "
    "appendix invoice receipt ledger payroll salary bonus pension contract clause tender bid "
    "quote order shipment warehouse depot factory plant line shift roster schedule deadline "
    "milestone roadmap backlog sprint release launch rollout pilot prototype sample batch stock "
    "inventory margin revenue turnover profit loss grant loan credit deposit audit inspection "
    "permit licence patent trademark brand campaign banner leaflet brochure catalogue website "
    "portal platform system server network device sensor module adapter interface dashboard chart "
    "table figure metric target goal objective outcome result finding survey interview response "
    "feedback complaint ticket request proposal offer counteroffer decision policy guideline "
    "standard procedure checklist template form signature office branch region territory market "
    "segment sector industry trade union council board committee chair deputy assistant secretary "
    "apprentice graduate scholar course module lecture certificate degree skill profession career "
    "role vacancy position opening shortlist referral reference handover onboarding relocation "
    "visa allowance expense travel booking itinerary venue hall booth exhibit showroom store "
    "outlet franchise distributor reseller broker agent consultant contractor freelancer founder "
    "investor shareholder stakeholder sponsor donor volunteer charity foundation institute "
    "laboratory clinic hospital school library museum airport harbour terminal route corridor "
    "bridge tunnel pipeline turbine battery panel generator engine pump valve cable antenna crane "
    "truck van fleet driver courier parcel label barcode package crate pallet container"
).split()
_VERBS: Final = (
    "supports delays improves replaces follows precedes covers funds reviews audits approves "
    "rejects extends shortens doubles halves reshapes simplifies documents describes explains "
    "measures tracks compares combines separates tests confirms corrects updates revises archives "
    "publishes presents promotes sponsors schedules reschedules cancels postpones restarts closes "
    "opens leads joins connects informs reminds invites welcomes trains coaches mentors hires "
    "recruits interviews evaluates ranks rewards recognises thanks surprises challenges questions "
    "answers clarifies summarises translates localises designs drafts edits prints ships delivers "
    "receives returns repairs maintains inspects certifies licenses insures secures monitors "
    "protects reduces raises lowers balances consolidates expands relocates automates digitises "
    "modernises renovates outsources insources negotiates signs renews terminates settles "
    "forecasts estimates plans budgets prices discounts bundles sells markets analyses"
).split()


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """All words in one array, each with what follows it, in classes.

    Attributes:
        tokens: Arrow strings.
        names: Where the names for the start of a body begin, `_NAMES` of them.
        endings: First and count of the words with a full stop.
        pattern: The class of each place in a sentence.
        firsts: Shape (places): where that class begins.
        sizes: Shape (places): how many words it has.
        mean: Mean bytes of a word in a sentence.
        frame: Mean bytes of what stands outside sentences.
    """

    tokens: pa.StringArray
    names: int
    endings: tuple[int, int]
    pattern: tuple[str, ...]
    firsts: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.float32]
    mean: float
    frame: float


@cache
def words() -> Words:
    """Lay the words out; they never change."""
    names = _made_names()
    classes: dict[str, list[str]] = {
        "opener": [f"{word} " for word in _OPENERS],
        "article": [f"{word} " for word in _ARTICLES],
        "link": [f"{word} " for word in _LINKS],
        "adjective": [f"{word} " for word in dict.fromkeys(_ADJECTIVES)],
        "noun": [f"{word} " for word in dict.fromkeys(_NOUNS)],
        "verb": [f"{word} " for word in dict.fromkeys(_VERBS)],
        "product": [f"{name} " for name in names],
        "ending": [f"{word}. " for word in dict.fromkeys(_NOUNS)],
        "number": [f"{number:,} " for number in range(2, 9_000, 3)],
        "name": [f"{name} " for name in names],
        "last": [f"{word}." for word in dict.fromkeys(_NOUNS)],
    }
    starts: dict[str, tuple[int, int]] = {}
    tokens: list[str] = []
    for kind, members in classes.items():
        starts[kind] = (len(tokens), len(members))
        tokens += members
    sentence = (
        "opener adjective noun verb number adjective noun link article product noun link "
        "article adjective ending"
    ).split()
    lengths = np.array([len(token) for token in tokens], np.float64)
    mean = float(np.mean([_mean_length(lengths, *starts[kind]) for kind in sentence]))
    frame = 3 * _mean_length(lengths, *starts["name"]) + _mean_length(lengths, *starts["last"])
    return Words(
        tokens=pa.array(tokens, pa.string()),
        names=starts["name"][0],
        endings=starts["last"],
        pattern=tuple(sentence),
        firsts=np.array([starts[kind][0] for kind in sentence], np.int32),
        sizes=np.array([starts[kind][1] for kind in sentence], np.float32),
        mean=mean,
        frame=frame,
    )


def _mean_length(lengths: Floats, first: int, count: int) -> float:
    ranks = np.minimum((np.linspace(0, 1, 10_000, endpoint=False) ** _SKEW * count), count - 1)
    return float(lengths[first + ranks.astype(np.int64)].mean())


def _made_names() -> list[str]:
    """Give 4,096 distinct names of two syllables: 64 beginnings by 64 ends."""
    beginnings = [a + b for a, b in product("B D F G K L M N P R S T V W Z H".split(), "aeio")]
    ends = [
        a + b for a, b in product("l m n r s t v d".split(), "a en ia is or um ex ova".split())
    ]
    return [a + b for a, b in product(beginnings, ends)]


def made_bodies(generator: np.random.Generator, numbers: Integers) -> pa.StringArray:
    """Make one body for each number.

    Args:
        generator: Where the chance comes from.
        numbers: Shape (n,), all different, below 4,096 cubed.
    """
    known = words()
    sizes = generator.lognormal(np.log(MEAN_BYTES) - _SPREAD**2 / 2, _SPREAD, len(numbers))
    room = np.minimum(sizes, LONGEST_BYTES) - known.frame
    counts = 4 + np.maximum(0, np.rint(room / known.mean)).astype(np.int64)
    ends = np.cumsum(counts)
    starts = ends - counts

    # Narrow numbers: a block has millions of words.
    total = int(ends[-1]) if len(ends) else 0
    place = np.arange(total, dtype=np.int32) - np.repeat((starts + 3).astype(np.int32), counts)
    place %= len(known.pattern)
    ranks = generator.random(total, np.float32) ** np.float32(_SKEW)
    tokens = (ranks * known.sizes[place]).astype(np.int32)
    tokens += known.firsts[place]
    # An odd factor is a bijection on 36 bits: neighbours get names that look unrelated.
    spelled = numbers * 40_503_718_111 % _NAMES**3
    tokens[starts] = known.names + spelled // _NAMES**2
    tokens[starts + 1] = known.names + spelled // _NAMES % _NAMES
    tokens[starts + 2] = known.names + spelled % _NAMES
    last, many = known.endings
    tokens[ends - 1] = last + generator.integers(0, many, len(numbers))

    _, offsets, data = known.tokens.take(pa.array(tokens)).buffers()
    cuts = np.frombuffer(offsets, np.int32)[np.concatenate(([0], ends))]
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(cuts), data)
