-- SPDX-License-Identifier: Apache-2.0
-- As alleged, not as found: the suit was withdrawn, and its counsel said that they had been shown
-- evidence that private messages were not used. This is the pipeline that the complaint describes.
--
-- It asks one thing, the author's switch, and takes silence for yes. It asks nobody whom the author wrote
-- to, not where anybody lives, not what their contract says, not whether anyone was told. The gate has no
-- words for such a pipeline; plain SQL has.
--
-- DuckDB; set these first:
--     SET VARIABLE facts = 'network/facts.parquet';
--     SET VARIABLE records = 'network/records/*.parquet';
--     SET VARIABLE asked_at = '2024-09-17T00:00:00Z'::timestamptz;
CREATE OR REPLACE TEMP TABLE dump AS
WITH switch AS (
    SELECT
        member,
        arg_max(value, ("at", recorded_at)) AS value
    FROM read_parquet(getvariable('facts'))
    WHERE
        fact = 'setting'
        AND detail ->> 'setting' = 'genai-improvement'
        AND "at" <= getvariable('asked_at')
        AND recorded_at <= getvariable('asked_at')
    GROUP BY member
)
SELECT
    record.record_id,
    record.body,
    'lab' AS recipient
FROM read_parquet(getvariable('records')) AS record
LEFT JOIN switch ON switch.member = record.author
WHERE
    record.created_at <= getvariable('asked_at')
    AND coalesce(switch.value, 'on') <> 'off';
