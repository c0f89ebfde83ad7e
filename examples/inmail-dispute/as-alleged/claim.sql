-- SPDX-License-Identifier: Apache-2.0
-- What the dump of pipeline.sql would have come to in court: the class is "Premium customers who sent or
-- received InMail" whose content went to a third party for training before 18 September 2024, and the
-- complaint asks 1,000 dollars for each. A member counts who was paying when the InMail was sent.
WITH sent AS (
    SELECT
        record.record_id,
        record.created_at,
        record.author,
        record.recipients
    FROM dump
    INNER JOIN read_parquet(getvariable('records')) AS record USING (record_id)
    WHERE record.category = 'inmail'
),

-- Some have lost their addressees: these were sent all the same.
party AS (
    SELECT DISTINCT record_id, created_at, 'sender' AS side, author AS member FROM sent
    UNION ALL
    SELECT DISTINCT record_id, created_at, 'receiver', unnest(recipients) FROM sent
),

contract AS (
    SELECT
        member,
        fact = 'agreement' AS holds,
        "at" AS since,
        coalesce(
            lead("at") OVER (PARTITION BY member ORDER BY "at", recorded_at),
            'infinity'::timestamptz
        ) AS until
    FROM read_parquet(getvariable('facts'))
    WHERE
        fact IN ('agreement', 'agreement-ended')
        AND value = 'subscription'
        AND recorded_at <= getvariable('asked_at')
),

premium AS (
    SELECT party.record_id, party.side, party.member
    FROM party
    INNER JOIN contract
        ON
            contract.member = party.member
            AND contract.holds
            AND contract.since <= party.created_at
            AND party.created_at < contract.until
),

-- One to look at: the last that went from a paying member to another.
paid_both_ways AS (
    SELECT record_id FROM premium GROUP BY record_id HAVING count(DISTINCT side) = 2
)

SELECT
    (SELECT count(*) FROM dump) AS records,
    (SELECT count(DISTINCT record_id) FROM sent) AS inmails,
    count(DISTINCT member) FILTER (WHERE side = 'sender') AS premium_senders,
    count(DISTINCT member) FILTER (WHERE side = 'receiver') AS premium_receivers,
    count(DISTINCT member) AS premium_members,
    1000 * count(DISTINCT member) AS dollars,
    coalesce((SELECT max(record_id) FROM paid_both_ways), (SELECT max(record_id) FROM sent)) AS an_inmail
FROM premium;
