-- SPDX-License-Identifier: Apache-2.0
-- The figures of the claim once more, counted another way than examples/inmail-dispute/as-alleged does: from
-- sentences of the complaint. Variables: facts, records (Parquet), asked_at (timestamptz).
WITH fact AS (
    SELECT
        member,
        fact,
        value,
        "at" AS since,
        recorded_at,
        detail
    FROM read_parquet(getvariable('facts'))
    WHERE recorded_at <= getvariable('asked_at')
),

-- "On by default": whoever's last word on the switch is not an off.
silent_or_willing AS (
    SELECT record.*
    FROM read_parquet(getvariable('records')) AS record
    WHERE
        record.created_at <= getvariable('asked_at')
        AND (
            SELECT fact.value
            FROM fact
            WHERE
                fact.member = record.author
                AND fact.fact = 'setting'
                AND fact.since <= getvariable('asked_at')
            ORDER BY fact.since DESC, fact.recorded_at DESC
            LIMIT 1
        ) IS DISTINCT FROM 'off'
),

inmail AS (
    SELECT * FROM silent_or_willing WHERE category = 'inmail'
),

-- "Premium customers who sent or received": whose last word on the contract, by then, was to have it.
sender AS (
    SELECT DISTINCT inmail.author AS member
    FROM inmail
    WHERE
        (
            SELECT fact.fact
            FROM fact
            WHERE
                fact.member = inmail.author
                AND fact.fact IN ('agreement', 'agreement-ended')
                AND fact.value = 'subscription'
                AND fact.since <= inmail.created_at
            ORDER BY fact.since DESC, fact.recorded_at DESC
            LIMIT 1
        ) = 'agreement'
),

received AS (
    SELECT
        inmail.created_at,
        unnest(inmail.recipients) AS member
    FROM inmail
),

receiver AS (
    SELECT DISTINCT received.member
    FROM received
    WHERE
        (
            SELECT fact.fact
            FROM fact
            WHERE
                fact.member = received.member
                AND fact.fact IN ('agreement', 'agreement-ended')
                AND fact.value = 'subscription'
                AND fact.since <= received.created_at
            ORDER BY fact.since DESC, fact.recorded_at DESC
            LIMIT 1
        ) = 'agreement'
),

class AS (
    SELECT member FROM sender
    UNION
    SELECT member FROM receiver
)

SELECT
    (SELECT count(*) FROM silent_or_willing) AS records,
    (SELECT count(*) FROM inmail) AS inmails,
    (SELECT count(*) FROM sender) AS premium_senders,
    (SELECT count(*) FROM receiver) AS premium_receivers,
    (SELECT count(*) FROM class) AS premium_members,
    (SELECT sum(1000) FROM class) AS dollars;
