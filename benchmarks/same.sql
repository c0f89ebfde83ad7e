-- The same meaning as clearing, by hand, in DuckDB's SQL: every reason of every record, then the copy of
-- what is permitted. The members' states, compiled already, are given as tables, and the policy's dates
-- as a macro (benchmarks/sql.py); what is left to SQL is what clearing does too: look up each party's row
-- now and then, OR the reasons, find the ids that stand twice, join quoted records to any depth, write.

-- Each record, what is said of it without its parties, and who they are.
CREATE TEMP TABLE record AS
WITH source AS (
    SELECT
        *,
        file_index::BIGINT << 40 | file_row_number AS row,
        epoch_us(created_at) // 1000000 AS made,
        coalesce(made > $at, true) AS bad,
        CASE WHEN bad THEN -1 ELSE epoch_of(made) END AS epoch
    FROM read_parquet($files)
)
SELECT
    row,
    record_id,
    quotes,
    class,
    bad,
    CASE WHEN bad THEN $at ELSE made END AS made,
    epoch,
    CASE
        WHEN asks = 'everyone' OR asks = 'group' AND $asked[epoch + 2]
            THEN list_distinct(list_append(recipients, author))
        WHEN author IS NOT NULL THEN [author]
        ELSE []
    END AS parties,
    kind.word
        | coalesce(seat.word, 0)
        | CASE WHEN bad THEN $bad_time ELSE 0 END
        | CASE
            WHEN author IS NULL OR len(recipients) > list_count(recipients)
                OR private AND len(recipients) = 0
            THEN $no_parties
            ELSE 0
        END AS word
FROM source
JOIN kind ON kind.category
    = CASE WHEN source.category IN (SELECT category FROM kind) THEN source.category ELSE '' END
LEFT JOIN seat ON seat.category = kind.category AND seat.capacity = source.capacity;

-- What each party says.
CREATE TEMP TABLE said AS
WITH party AS (
    SELECT row, class, bad, made, epoch, unnest(parties) AS id FROM record
),
looked_up AS (
    SELECT
        party.row,
        CASE
            WHEN joined IS NULL OR made < joined THEN $unknown_party
            WHEN bad THEN now.word
            ELSE now.word | (coalesce(happened.word, 0) & now.keep)
        END AS word
    FROM party
    LEFT JOIN member USING (id)
    LEFT JOIN period ON period.id = party.id AND period.since <= made AND made < period.until
    LEFT JOIN now ON now.state = member.now AND now.class = party.class
    LEFT JOIN happened
        ON happened.state = period.state AND happened.epoch = party.epoch AND happened.class = party.class
)
SELECT
    row,
    bit_or((
        word
        | CASE WHEN word & $noes > 0 THEN $opted_out_then ELSE 0 END
        | CASE WHEN word & $offs > 0 THEN $not_opted_in ELSE 0 END
    ) & 4294967295) AS word
FROM looked_up
GROUP BY row;

-- Each record's own word, ids that stand twice included.
CREATE TEMP TABLE own AS
WITH twice AS (
    SELECT record_id FROM record GROUP BY record_id HAVING count(*) > 1
)
SELECT
    row,
    record.record_id,
    quotes,
    record.word
        | coalesce(said.word, 0)
        | CASE WHEN twice.record_id IS NULL THEN 0 ELSE $duplicate_record END AS word
FROM record
LEFT JOIN said USING (row)
LEFT JOIN twice ON twice.record_id = record.record_id;

-- Who quotes whom, and whom through others.
CREATE TEMP TABLE link AS
WITH quoting AS (
    SELECT row, unnest(quotes) AS quoted FROM own WHERE len(quotes) > 0
)
SELECT quoting.row, own.row AS quoted FROM quoting LEFT JOIN own ON own.record_id = quoting.quoted;

CREATE TEMP TABLE final AS
WITH RECURSIVE reached AS (
    SELECT row, quoted FROM link
    UNION
    SELECT reached.row, link.quoted FROM reached JOIN link ON link.row = reached.quoted
),
brought AS (
    SELECT reached.row, bit_or(coalesce(own.word, $unknown_quote)) AS word
    FROM reached
    LEFT JOIN own ON own.row = reached.quoted
    GROUP BY reached.row
)
SELECT row, own.word | coalesce(brought.word, 0) AS word FROM own LEFT JOIN brought USING (row);

COPY (
    SELECT source.*
    FROM read_parquet($files) AS source
    SEMI JOIN (SELECT row FROM final WHERE word = 0) AS permitted
        ON permitted.row = (source.file_index::BIGINT << 40 | source.file_row_number)
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE {row_group});
