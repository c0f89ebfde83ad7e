# SPDX-License-Identifier: Apache-2.0
"""Made networks: the same arguments, the same bytes; in the right shape; reaching what they promise."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import dataset

from privity.canonical.instants import parse_instant
from privity.errors import ConflictError, InputError, UnavailableError
from privity.members.facts import SHAPES, check_shape, parse_detail
from privity.sources.synthetic import facts, records
from privity.sources.synthetic.draws import Draws
from privity.sources.synthetic.files import held_at
from privity.sources.synthetic.history import END
from privity.sources.synthetic.network import Network, make_network
from privity.sources.synthetic.people import NEVER, People
from privity.vocabulary.places import is_code
from privity.vocabulary.terms import CATEGORIES

MEMBERS, RECORDS = 20_000, 150_000
CATEGORIES_OF_SEED_1 = {
    "ai-input": 75,
    "article": 70,
    "comment": 517,
    "credentials": 3,
    "direct-message": 468,
    "group-message": 162,
    "inmail": 95,
    "post": 520,
    "profile": 90,
}
FACTS_OF_SEED_1 = {
    "agreement": 686,
    "agreement-ended": 45,
    "birth_date": 436,
    "closed": 23,
    "deceased": 6,
    "joined": 500,
    "jurisdiction": 630,
    "merged": 4,
    "minor-cleared": 1,
    "minor-suspected": 5,
    "notice": 850,
    "objection": 14,
    "objection-withdrawn": 6,
    "order": 2,
    "order-lifted": 2,
    "recipient": 3,
    "reopened": 3,
    "seat-instruction": 3,
    "seat-instruction-withdrawn": 1,
    "setting": 147,
}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    out = tmp_path_factory.mktemp("synth") / "network"
    return make_network(out, members=MEMBERS, records=RECORDS, seed=5)


@pytest.fixture(scope="module")
def made_facts(network: Network) -> pa.Table:
    return pq.read_table(network.facts_path)


@pytest.fixture(scope="module")
def made_records(network: Network) -> pa.Table:
    return dataset.dataset(network.record_paths).to_table()


def seconds(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.int64()).to_numpy() // 1_000_000


# --- bytes ---


def test_the_same_arguments_give_the_same_bytes_with_any_number_of_threads(
    tmp_path: Path,
) -> None:
    many = 5 * records.BLOCK
    one = make_network(tmp_path / "one", members=300, records=many, seed=9, threads=1)
    other = make_network(tmp_path / "other", members=300, records=many, seed=9, threads=3)
    assert len(one.record_paths) == 2
    assert one.files == other.files
    assert (one.path / "network.json").read_bytes() == (
        other.path / "network.json"
    ).read_bytes()


def test_another_seed_gives_another_network(tmp_path: Path) -> None:
    one = make_network(tmp_path / "one", members=300, records=1000, seed=1)
    other = make_network(tmp_path / "other", members=300, records=1000, seed=2)
    assert not set(one.files.values()) & set(other.files.values())


def test_the_networks_that_seeds_stand_for_stay_what_they_were(tmp_path: Path) -> None:
    network = make_network(tmp_path / "network", members=500, records=2000, seed=1)
    # Counts, not bytes: another release of Arrow may write the same values as other bytes.
    assert network.categories == CATEGORIES_OF_SEED_1
    assert network.facts == FACTS_OF_SEED_1


def test_blocks_do_not_depend_on_each_other() -> None:
    people = People(draws=Draws(seed=3), count=1000)
    times = records.Times(total=2 * records.BLOCK, until=END)
    second = records.record_block(people, times, 1)
    records.record_block(people, times, 0)
    assert records.record_block(people, times, 1).equals(second)


def test_what_was_made_is_written_down(network: Network) -> None:
    said = json.loads((network.path / "network.json").read_text("utf-8"))
    assert said["members"] == MEMBERS
    assert said["records"] == RECORDS == sum(said["categories"].values())
    assert said["until"] == "2026-01-01T00:00:00Z"
    assert set(said["files"]) == {
        path.relative_to(network.path).as_posix() for path in network.path.rglob("*.parquet")
    }


# --- facts ---


def test_facts_have_the_schema_and_every_one_reads_strictly(made_facts: pa.Table) -> None:
    assert made_facts.schema.equals(facts.SCHEMA)
    shapes = made_facts.group_by(["fact", "value", "detail"]).aggregate([("member", "max")])
    for row in shapes.to_pylist():
        check_shape(
            row["fact"],
            row["value"],
            parse_detail(row["detail"]),
            platform=row["member_max"] is None,
        )


def test_every_kind_of_fact_is_made(made_facts: pa.Table) -> None:
    kinds = set(made_facts["fact"].to_pylist())
    assert set(SHAPES) - kinds == {"recipient-ended"}


def test_nothing_is_recorded_before_it_was_true_and_some_things_long_after(
    made_facts: pa.Table,
) -> None:
    delay = seconds(made_facts["recorded_at"]) - seconds(made_facts["at"])
    assert delay.min() == 0
    assert 500 < int((delay > 86_400).sum()) < 0.05 * len(delay)


def test_members_live_where_they_should(made_facts: pa.Table) -> None:
    joined = made_facts.filter(pc.field("fact") == "joined")["at"]
    assert len(joined) == MEMBERS
    years = Counter(pc.year(joined).to_pylist())
    assert min(years) == 2003
    homes = made_facts.filter(
        (pc.field("fact") == "jurisdiction") & (pc.field("detail") == '{"evidence":"declared"}')
    )
    counts = Counter(homes["value"].to_pylist())
    assert counts["US"] / homes.num_rows == pytest.approx(0.23, abs=0.015)
    assert counts["IN"] / homes.num_rows == pytest.approx(0.13, abs=0.015)
    assert len(counts) > 55
    assert {code for code in counts if not is_code(code)} == {"UK"}
    assert {"GB", "DE", "FR", "CH", "HK", "CN", "CA", "NO", "BR"} <= set(counts)


def test_the_facts_are_those_of_the_members_functions(made_facts: pa.Table) -> None:
    people = People(draws=Draws(seed=5), count=MEMBERS)
    members = np.arange(1, MEMBERS + 1)
    joined = made_facts.filter(pc.field("fact") == "joined").sort_by("member")
    assert (seconds(joined["at"]) == people.joined(members)).all()
    premium = people.premium(members)
    paying = int((premium.starts[0] < NEVER).sum())
    assert paying / MEMBERS == pytest.approx(0.12, abs=0.01)


def test_accounts_merge_in_no_chains(made_facts: pa.Table) -> None:
    merged = made_facts.filter(pc.field("fact") == "merged")
    gone, kept = merged["member"].to_pylist(), [int(one) for one in merged["value"].to_pylist()]
    assert len(gone) > 20
    assert not set(gone) & set(kept)
    assert len(set(gone)) == len(gone)


# --- records ---


def test_records_have_the_schema_and_are_in_order(made_records: pa.Table) -> None:
    assert made_records.schema.equals(records.SCHEMA)
    made_records.validate(full=True)
    assert made_records["record_id"].to_pylist() == list(range(1, RECORDS + 1))
    created = seconds(made_records["created_at"])
    assert (np.diff(created) >= 0).all()
    months = Counter(
        f"{moment.year}-{moment.month:02}" for moment in made_records["created_at"].to_pylist()
    )
    dispute = sum(months[f"2024-{month:02}"] for month in (8, 9, 10, 11))
    assert dispute / RECORDS == pytest.approx(0.38, abs=0.01)


def test_bodies_are_as_long_as_they_should_be_and_none_repeats(made_records: pa.Table) -> None:
    bodies = made_records["body"]
    sizes = pc.binary_length(bodies).to_numpy()
    assert sizes.mean() == pytest.approx(340, rel=0.03)
    assert np.median(sizes) < 0.8 * sizes.mean()
    assert pc.count_distinct(bodies).as_py() == RECORDS


def test_activity_is_heavy_tailed(made_records: pa.Table) -> None:
    counts = np.sort(pc.value_counts(made_records["author"]).field("counts").to_numpy())[::-1]
    assert counts[: MEMBERS // 100].sum() > 0.1 * RECORDS
    assert len(counts) > MEMBERS / 2


def test_inmails_go_from_a_paying_member_to_one_other(
    made_records: pa.Table, made_facts: pa.Table
) -> None:
    inmails = made_records.filter(pc.field("category") == "inmail")
    assert inmails.num_rows / RECORDS == pytest.approx(0.06, abs=0.02)
    assert set(pc.list_value_length(inmails["recipients"]).to_pylist()) <= {0, 1}
    paying = set(
        made_facts.filter(
            (pc.field("fact") == "agreement") & (pc.field("value") == "subscription")
        )["member"].to_pylist()
    )
    assert set(inmails["author"].drop_null().to_pylist()) <= paying


def test_nearly_everybody_had_joined_before_writing(made_records: pa.Table) -> None:
    people = People(draws=Draws(seed=5), count=MEMBERS)
    authors = made_records["author"].fill_null(1).to_numpy()
    early = people.joined(authors) > seconds(made_records["created_at"])
    assert 0 < early.mean() < 0.002


def test_quotes_point_to_earlier_records_and_some_leak_an_inmail(
    made_records: pa.Table,
) -> None:
    category = made_records["category"].to_pylist()
    quoting = leaks = lost = 0
    rows = zip(
        made_records["record_id"].to_pylist(), made_records["quotes"].to_pylist(), strict=True
    )
    for record_id, quotes in rows:
        quoting += bool(quotes)
        for quoted in quotes:
            if quoted > RECORDS:
                lost += 1
                continue
            assert quoted < record_id
            public = category[record_id - 1] in ("post", "comment", "article")
            leaks += public and category[quoted - 1] == "inmail"
    assert quoting / RECORDS == pytest.approx(0.05, abs=0.005)
    assert leaks > 0.05 * quoting
    assert 0 < lost < 0.01 * quoting


def test_a_few_records_are_bad_on_purpose(made_records: pa.Table) -> None:
    assert 0 < made_records["author"].null_count < 30
    capacities = Counter(made_records["capacity"].to_pylist())
    assert 0 < capacities["kiosk"] < 30
    assert capacities["seat:customer-1"] > 50
    unknown = [one for one in made_records["category"].to_pylist() if one not in CATEGORIES]
    assert 10 < len(unknown) < 60
    assert set(unknown) == {"voice-note"}


# --- until ---


def test_until_is_the_network_as_its_platform_held_it_then(tmp_path: Path) -> None:
    until = parse_instant("2024-09-20T00:00:00Z")
    early = make_network(tmp_path / "early", members=2000, records=5000, seed=5, until=until)
    table = dataset.dataset(early.record_paths).to_table()
    assert table.num_rows == 5000
    assert seconds(table["created_at"]).max() < until
    whole = make_network(tmp_path / "whole", members=2000, records=5000, seed=5)
    now, later = pq.read_table(early.facts_path), pq.read_table(whole.facts_path)
    known = later.filter(
        pc.less(later["recorded_at"], pa.scalar(until * 1_000_000, later["at"].type))
    )
    assert now.equals(known)


def test_the_records_held_at_an_instant_are_those_made_by_then(
    network: Network, made_records: pa.Table, tmp_path: Path
) -> None:
    created = seconds(made_records["created_at"])
    moments = [
        int(created[RECORDS // 2]),
        int(created[0]) - 1,
        int(created[-1]),
        int(created[0]),
    ]
    for number, at in enumerate(moments):
        paths = held_at(network.record_paths, at, tmp_path / str(number))
        held = dataset.dataset(paths).to_table() if paths else made_records.slice(0, 0)
        assert held.equals(made_records.slice(0, int((created <= at).sum())))
    assert held_at(network.record_paths, int(created[-1]), tmp_path) == network.record_paths


# --- what cannot be made ---


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"members": 1}, "members is `1`, expected 2 to 3,000,000,000"),
        ({"records": 0}, "records is `0`"),
        ({"seed": -1}, "seed is `-1`"),
        ({"threads": 0}, "threads is `0`"),
        (
            {"until": 0},
            "until is `1970-01-01T00:00:00Z`, expected after `2015-01-01T00:00:00Z`",
        ),
        ({"until": END + 1}, "and at most `2026-01-01T00:00:00Z`"),
    ],
)
def test_sizes_out_of_range_are_one_clear_line(
    tmp_path: Path, change: dict[str, int], words: str
) -> None:
    size: dict[str, Any] = {"members": 10, "records": 10, "seed": 1} | change
    with pytest.raises(InputError) as caught:
        make_network(tmp_path / "network", **size)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", "utf-8")
    with pytest.raises(ConflictError, match="already holds something"):
        make_network(tmp_path, members=10, records=10, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UnavailableError, match="cannot be written"):
        make_network(tmp_path / "file" / "network", members=10, records=10, seed=1)


def test_a_network_that_stops_half_way_leaves_nothing(tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(_: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        make_network(tmp_path / "network", members=10, records=10, seed=1, progress=stop)
    assert list(tmp_path.iterdir()) == []
