-- SPDX-License-Identifier: Apache-2.0
-- The decision rule once more, in DuckDB SQL and from specs/decision.md alone: as far as the policies of
-- examples/inmail-dispute until December 2024 and the facts of `privity synth` reach. It imports nothing
-- of privity and shares no text with it, so an error would have to be made twice to stay unseen.
--
-- Variables: facts, records (Parquet), places (eu_eea.csv), asked_at (timestamptz), role (of the recipient).
-- Everything known at `asked_at` is believed; the purpose is genai-training.
-- Leaves the table `verdict`: record_id, category, reasons (sorted list; empty is a permit).

-- 1. The policy, as its YAML files say --------------------------------------------------------------------

CREATE OR REPLACE TEMP TABLE version AS
SELECT
    row_number() OVER (ORDER BY start) AS place,
    *
FROM (
    VALUES
    -- start, has the setting, its notice, objection window in days, promise that others do not publish
    ('2024-07-31T12:00:00Z'::TIMESTAMPTZ, false, NULL, 0, true),
    ('2024-08-15T12:00:00Z'::TIMESTAMPTZ, true, NULL, 0, true),
    ('2024-09-18T12:00:00Z'::TIMESTAMPTZ, true, 'genai-2024-09', 14, true),
    ('2024-09-19T10:00:00Z'::TIMESTAMPTZ, true, 'genai-2024-09', 14, true),
    ('2024-10-10T10:00:00Z'::TIMESTAMPTZ, true, 'genai-2024-09', 14, true),
    ('2024-11-20T12:00:00Z'::TIMESTAMPTZ, true, 'genai-2024-09', 14, false)
) AS versions (start, has_setting, notice, window_days, publish_promise)
WHERE start <= getvariable('asked_at');

CREATE OR REPLACE TEMP TABLE exempt AS
SELECT
    version.place AS version,
    listed.code
FROM version
INNER JOIN (
    VALUES
    ('2024-08-15T12:00:00Z'::TIMESTAMPTZ, 'EU'),
    ('2024-08-15T12:00:00Z'::TIMESTAMPTZ, 'EEA'),
    ('2024-08-15T12:00:00Z'::TIMESTAMPTZ, 'CH'),
    ('2024-09-19T10:00:00Z'::TIMESTAMPTZ, 'GB'),
    ('2024-09-19T10:00:00Z'::TIMESTAMPTZ, 'CA'),
    ('2024-09-19T10:00:00Z'::TIMESTAMPTZ, 'CN'),
    ('2024-10-10T10:00:00Z'::TIMESTAMPTZ, 'HK')
) AS listed (since, code) ON version.start >= listed.since;

CREATE OR REPLACE TEMP TABLE kind AS
SELECT * FROM (
    VALUES
    -- category, is a message to named people, lies in the setting's list, needs an explicit yes, forbidden
    ('post', false, true, false, false),
    ('article', false, true, false, false),
    ('comment', false, true, false, false),
    ('profile', false, true, false, false),
    ('ai-input', false, true, false, false),
    ('group-message', false, true, false, false),
    ('inmail', true, true, true, true),
    ('direct-message', true, true, true, true),
    ('credentials', false, false, false, true)
) AS kinds (category, private, listed, explicit_only, forbidden);

-- The setting speaks of the network and its affiliates.
CREATE OR REPLACE TEMP TABLE asked AS
SELECT
    getvariable('asked_at') AS moment,
    getvariable('role') IN ('controller', 'affiliate') AS within_setting,
    getvariable('role') = 'third-party' AS third_party,
    (SELECT max(place) FROM version) AS in_force,
    '-infinity'::TIMESTAMPTZ AS always,
    'infinity'::TIMESTAMPTZ AS never;

-- 2. Where members were, and in which groups --------------------------------------------------------------

CREATE OR REPLACE TEMP TABLE grouped AS
WITH entry AS (
    SELECT * FROM read_csv(getvariable('places'), all_varchar = true)
)

SELECT
    iso2 AS code,
    'EU' AS named,
    (eu_from || 'T00:00:00Z')::TIMESTAMPTZ AS since,
    -- A state that leaves counts until its transition ends: the table names the last day.
    coalesce(
        (coalesce(transition_to, eu_to) || 'T00:00:00Z')::TIMESTAMPTZ + INTERVAL 1 DAY,
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM entry
WHERE eu_from IS NOT NULL
UNION ALL
-- The EEA is the members of the EU with Iceland, Norway and Liechtenstein.
SELECT
    iso2,
    'EEA',
    greatest((eu_from || 'T00:00:00Z')::TIMESTAMPTZ, '1994-01-01T00:00:00Z'::TIMESTAMPTZ),
    coalesce(
        (coalesce(transition_to, eu_to) || 'T00:00:00Z')::TIMESTAMPTZ + INTERVAL 1 DAY,
        'infinity'::TIMESTAMPTZ
    )
FROM entry
WHERE eu_from IS NOT NULL
UNION ALL
SELECT
    iso2,
    'EEA',
    (eea_from || 'T00:00:00Z')::TIMESTAMPTZ,
    'infinity'::TIMESTAMPTZ
FROM entry
WHERE eu_from IS NULL AND eea_from IS NOT NULL;

CREATE OR REPLACE TEMP TABLE fact AS
SELECT
    member,
    fact,
    value,
    "at" AS since,
    recorded_at,
    detail,
    detail ->> 'setting' AS setting
FROM read_parquet(getvariable('facts'))
WHERE recorded_at <= getvariable('asked_at');

-- Where each kind of evidence put the member, and until the next word of it.
CREATE OR REPLACE TEMP TABLE residence AS
SELECT
    member,
    value AS code,
    since,
    coalesce(
        lead(since) OVER (PARTITION BY member, detail ->> 'evidence' ORDER BY since, recorded_at),
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM fact
WHERE fact = 'jurisdiction';

-- 3. What members said ------------------------------------------------------------------------------------

-- At one instant the later recorded stands; recorded at once, off before unset before on.
CREATE OR REPLACE TEMP TABLE said AS
SELECT
    member,
    since,
    recorded_at,
    CASE WHEN value IN ('on', 'unset') THEN value ELSE 'off' END AS value,
    CASE value WHEN 'on' THEN 0 WHEN 'unset' THEN 1 ELSE 2 END AS weight,
    coalesce(detail ->> 'scope', 'future') = 'all' AS for_all
FROM fact
WHERE
    fact = 'setting'
    AND setting = 'genai-improvement'
    -- A migrated or signalled on or unset is passed over, an off is not.
    AND (
        value NOT IN ('on', 'unset')
        OR coalesce(detail ->> 'method', 'explicit') = 'explicit'
    );

CREATE OR REPLACE TEMP TABLE objected AS
SELECT
    member,
    since,
    recorded_at,
    fact = 'objection' AS stands
FROM fact
WHERE
    fact IN ('objection', 'objection-withdrawn')
    AND coalesce(setting, 'genai-improvement') = 'genai-improvement';

-- A no that stands in an account when it is merged passes into the account that it went into. The made
-- networks merge in no chains, so once is enough.
CREATE OR REPLACE TEMP TABLE merger AS
SELECT
    member AS gone,
    value::BIGINT AS kept,
    since,
    recorded_at
FROM fact
WHERE fact = 'merged';

INSERT INTO said
SELECT
    merger.kept,
    merger.since,
    merger.recorded_at,
    'off',
    2,
    false
FROM merger
INNER JOIN said ON said.member = merger.gone AND said.since <= merger.since
GROUP BY ALL
HAVING arg_max(said.value, (said.since, said.recorded_at, said.weight)) = 'off';

INSERT INTO objected
SELECT
    merger.kept,
    merger.since,
    merger.recorded_at,
    true
FROM merger
INNER JOIN objected ON objected.member = merger.gone AND objected.since <= merger.since
GROUP BY ALL
HAVING arg_max(objected.stands, (objected.since, objected.recorded_at, objected.stands));

CREATE OR REPLACE TEMP TABLE choice AS
SELECT
    *,
    coalesce(
        lead(since) OVER (PARTITION BY member ORDER BY since, recorded_at, weight),
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM said;

CREATE OR REPLACE TEMP TABLE objection AS
SELECT
    *,
    coalesce(
        lead(since) OVER (PARTITION BY member ORDER BY since, recorded_at, stands),
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM objected;

CREATE OR REPLACE TEMP TABLE contract AS
SELECT
    member,
    value AS agreement,
    fact = 'agreement' AS holds,
    since,
    coalesce(
        lead(since) OVER (
            PARTITION BY member, value ORDER BY since, recorded_at, fact = 'agreement'
        ),
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM fact
WHERE fact IN ('agreement', 'agreement-ended');

CREATE OR REPLACE TEMP TABLE doubt AS
SELECT
    member,
    fact = 'minor-suspected' AS stands,
    since,
    coalesce(
        lead(since) OVER (PARTITION BY member ORDER BY since, recorded_at, fact = 'minor-suspected'),
        'infinity'::TIMESTAMPTZ
    ) AS until
FROM fact
WHERE fact IN ('minor-suspected', 'minor-cleared');

-- 4. Each member now --------------------------------------------------------------------------------------

CREATE OR REPLACE TEMP TABLE member AS
WITH everyone AS (
    SELECT DISTINCT member FROM fact WHERE member IS NOT NULL
),

past AS (
    SELECT fact.* FROM fact, asked WHERE fact.since <= asked.moment
),

beginning AS (
    SELECT member, min(since) AS joined FROM past WHERE fact = 'joined' GROUP BY member
),

standing AS (
    SELECT
        member,
        arg_max(fact, (since, recorded_at, fact <> 'reopened')) <> 'reopened' AS closed,
        max((since, recorded_at)) FILTER (WHERE fact = 'reopened') AS reopened
    FROM past
    WHERE fact IN ('closed', 'merged', 'reopened')
    GROUP BY member
),

death AS (
    SELECT member, min(since) AS died FROM past WHERE fact = 'deceased' GROUP BY member
),

birth AS (
    -- Birth dates hold at all times; of several the youngest counts.
    SELECT member, max(value::DATE) AS born FROM fact WHERE fact = 'birth_date' GROUP BY member
),

age AS (
    SELECT
        member,
        -- 18 years on; from the 29th of February it is the 1st of March.
        (
            (born + INTERVAL 18 YEAR)::DATE
            + CASE WHEN day(born) <> day(born + INTERVAL 18 YEAR) THEN 1 ELSE 0 END
        )::TIMESTAMP AT TIME ZONE 'UTC' AS adult
    FROM birth
),

home AS (
    SELECT
        residence.member,
        list(DISTINCT residence.code) AS codes
    FROM residence, asked
    WHERE residence.since <= asked.moment AND asked.moment < residence.until
    GROUP BY residence.member
),

word AS (
    SELECT choice.member, choice.value
    FROM choice, asked
    WHERE choice.since <= asked.moment AND asked.moment < choice.until
),

refusal AS (
    SELECT DISTINCT objection.member
    FROM objection, asked
    WHERE objection.stands AND objection.since <= asked.moment AND asked.moment < objection.until
),

suspect AS (
    SELECT DISTINCT doubt.member
    FROM doubt, asked
    WHERE doubt.stands AND doubt.since <= asked.moment AND asked.moment < doubt.until
),

-- The last off or objection, taken back or not.
last_no AS (
    SELECT member, max(since) AS said_no
    FROM (
        SELECT said.member, said.since FROM said, asked
        WHERE said.value = 'off' AND said.since <= asked.moment
        UNION ALL
        SELECT objected.member, objected.since FROM objected, asked
        WHERE objected.stands AND objected.since <= asked.moment
    ) AS noes
    GROUP BY member
),

paying AS (
    SELECT DISTINCT contract.member
    FROM contract, asked
    WHERE
        contract.agreement = 'subscription'
        AND contract.holds
        AND contract.since <= asked.moment
        AND asked.moment < contract.until
),

bound AS (
    SELECT DISTINCT contract.member
    FROM contract, asked
    WHERE
        contract.agreement = 'user-agreement'
        AND contract.holds
        AND contract.since <= asked.moment
        AND asked.moment < contract.until
)

SELECT
    everyone.member,
    beginning.joined,
    coalesce(standing.closed, false) AS closed,
    standing.reopened,
    death.died,
    coalesce(age.adult, asked.always) AS adult,
    coalesce(home.codes, []) AS codes,
    word.value AS word,
    refusal.member IS NOT NULL AS objects,
    suspect.member IS NOT NULL AS suspected,
    last_no.said_no,
    paying.member IS NOT NULL AS paying,
    bound.member IS NOT NULL AS bound
FROM everyone
CROSS JOIN asked
LEFT JOIN beginning USING (member)
LEFT JOIN standing USING (member)
LEFT JOIN death USING (member)
LEFT JOIN age USING (member)
LEFT JOIN home USING (member)
LEFT JOIN word USING (member)
LEFT JOIN refusal USING (member)
LEFT JOIN suspect USING (member)
LEFT JOIN last_no USING (member)
LEFT JOIN paying USING (member)
LEFT JOIN bound USING (member);

-- 5. The grant: since when a yes or a default can count ---------------------------------------------------

-- In which versions a member's present places are exempt, by the groups of now.
CREATE OR REPLACE TEMP TABLE spared AS
SELECT DISTINCT
    placed.member,
    exempt.version
FROM (SELECT member, unnest(codes) AS code FROM member) AS placed
CROSS JOIN asked
INNER JOIN exempt
    ON
        exempt.code = placed.code
        OR exempt.code IN (
            SELECT grouped.named
            FROM grouped
            WHERE
                grouped.code = placed.code
                AND grouped.since <= asked.moment
                AND asked.moment < grouped.until
        );

-- The row of versions goes back from the one in force as long as the setting stands there, with the same
-- notice, no forbid rule and no exemption. Private messages are forbidden in every version, so for them,
-- and for the exempt, the row is the version in force alone.
CREATE OR REPLACE TEMP TABLE granted AS
WITH broken AS (
    SELECT
        member.member,
        kind.private,
        version.place,
        (
            NOT version.has_setting
            OR version.notice IS DISTINCT FROM now.notice
            OR kind.private
            OR spared.member IS NOT NULL
        ) AS breaks
    FROM member
    CROSS JOIN (VALUES (true), (false)) AS kind (private)
    CROSS JOIN version
    CROSS JOIN asked
    INNER JOIN version AS now ON now.place = asked.in_force
    LEFT JOIN spared ON spared.member = member.member AND spared.version = version.place
),

first_of_row AS (
    SELECT
        broken.member,
        broken.private,
        least(
            coalesce(max(broken.place) FILTER (WHERE broken.breaks), 0) + 1, any_value(asked.in_force)
        ) AS place
    FROM broken
    CROSS JOIN asked
    GROUP BY broken.member, broken.private
),

-- None of these rows begins with the first version, which has no setting: so only deliveries since the
-- publication (here: the start) of the row's first version count.
term AS (
    SELECT
        first_of_row.member,
        first_of_row.private,
        now.notice,
        first.start AS told_since,
        greatest(
            first.start,
            '2024-08-15T12:00:00Z'::TIMESTAMPTZ,
            CASE WHEN now.notice IS NOT NULL THEN '2024-09-18T12:00:00Z'::TIMESTAMPTZ END
        ) AS live,
        (
            SELECT max(version.window_days) FROM version WHERE version.place >= first_of_row.place
        ) AS window_days
    FROM first_of_row
    CROSS JOIN asked
    INNER JOIN version AS now ON now.place = asked.in_force
    INNER JOIN version AS first ON first.place = first_of_row.place
),

delivery AS (
    SELECT
        term.member,
        term.private,
        min(fact.since) AS told
    FROM term
    CROSS JOIN asked
    INNER JOIN member ON member.member = term.member
    INNER JOIN fact
        ON
            fact.member = term.member
            AND fact.fact = 'notice'
            AND fact.value = term.notice
            AND fact.since >= term.told_since
            AND fact.since <= asked.moment
            AND (member.reopened IS NULL OR (fact.since, fact.recorded_at) > member.reopened)
    GROUP BY term.member, term.private
),

-- The unbroken row of yeses up to now: those with no other word after them.
run AS (
    SELECT said.*
    FROM said
    CROSS JOIN asked
    WHERE
        said.value = 'on'
        AND said.since <= asked.moment
        AND NOT EXISTS (
            SELECT 1
            FROM said AS other
            WHERE
                other.member = said.member
                AND other.value <> 'on'
                AND other.since <= asked.moment
                AND (other.since, other.recorded_at, other.weight)
                > (said.since, said.recorded_at, said.weight)
        )
),

informed AS (
    SELECT
        run.member,
        term.private,
        min(run.since) AS first_yes,
        max(run.since) AS last_yes,
        -- At a tie the scope is the future.
        arg_max(run.for_all, (run.since, run.recorded_at, NOT run.for_all)) AS for_all
    FROM run
    INNER JOIN term ON term.member = run.member
    INNER JOIN delivery ON delivery.member = term.member AND delivery.private = term.private
    INNER JOIN member ON member.member = run.member
    WHERE
        run.since >= greatest(term.live, delivery.told, member.adult)
        AND (member.reopened IS NULL OR (run.since, run.recorded_at) > member.reopened)
    GROUP BY run.member, term.private
)

SELECT
    term.member,
    term.private,
    delivery.told IS NOT NULL AS told,
    greatest(term.live, delivery.told + to_days(term.window_days::INTEGER)) AS start,
    informed.first_yes,
    informed.last_yes,
    informed.for_all
FROM term
LEFT JOIN delivery ON delivery.member = term.member AND delivery.private = term.private
LEFT JOIN informed ON informed.member = term.member AND informed.private = term.private;

-- 6. Records, parties, and where the parties stood then ---------------------------------------------------

CREATE OR REPLACE TEMP TABLE record AS
SELECT
    record.record_id,
    record.category,
    record.created_at,
    record.author,
    record.recipients,
    record.capacity,
    record.quotes,
    kind.category IS NOT NULL AS known_category,
    coalesce(kind.private, true) AS everyone,
    coalesce(kind.private, false) AS private,
    coalesce(kind.listed, false) AS listed,
    coalesce(kind.explicit_only, false) AS explicit_only,
    coalesce(kind.forbidden, false) AS forbidden
FROM read_parquet(getvariable('records')) AS record
LEFT JOIN kind ON kind.category = record.category
WHERE record.created_at <= getvariable('asked_at');

CREATE OR REPLACE TEMP TABLE party AS
WITH named AS (
    SELECT record_id, author AS member FROM record
    UNION
    SELECT record_id, unnest(recipients) FROM record WHERE everyone
)

SELECT
    record.*,
    named.member,
    -- The version in force then, or the first for what is older.
    greatest((SELECT count(*) FROM version WHERE version.start <= record.created_at), 1) AS of_then
FROM named
INNER JOIN record USING (record_id)
WHERE named.member IS NOT NULL;

CREATE OR REPLACE TEMP TABLE party_place AS
SELECT
    party.record_id,
    party.member,
    party.of_then,
    residence.code,
    party.created_at
FROM party
INNER JOIN residence
    ON
        residence.member = party.member
        AND residence.since <= party.created_at
        AND party.created_at < residence.until;

-- Then, by the groups of then: the lists of the version in force and of the version of then.
CREATE OR REPLACE TEMP TABLE spared_then AS
SELECT DISTINCT
    party_place.record_id,
    party_place.member
FROM party_place
CROSS JOIN asked
INNER JOIN exempt ON exempt.version IN (asked.in_force, party_place.of_then)
WHERE
    exempt.code = party_place.code
    OR EXISTS (
        SELECT 1
        FROM grouped
        WHERE
            grouped.named = exempt.code
            AND grouped.code = party_place.code
            AND grouped.since <= party_place.created_at
            AND party_place.created_at < grouped.until
    );

CREATE OR REPLACE TEMP TABLE placed_then AS
SELECT
    record_id,
    member,
    list(DISTINCT code) AS codes
FROM party_place
GROUP BY record_id, member;

CREATE OR REPLACE TEMP TABLE stopped AS
SELECT code FROM (
    VALUES
    ('GB', '2024-09-17T10:00:00Z'::TIMESTAMPTZ),
    ('HK', '2024-10-10T10:00:00Z'::TIMESTAMPTZ)
) AS orders (code, since)
WHERE since <= getvariable('asked_at');

CREATE OR REPLACE TEMP TABLE stance AS
SELECT
    party.*,
    asked.*,
    member.joined IS NOT NULL AND member.joined <= party.created_at AS known,
    coalesce(member.closed, false) AS closed,
    member.died,
    member.adult,
    coalesce(member.codes, []) AS codes,
    coalesce(placed_then.codes, []) AS codes_then,
    coalesce(member.word, 'unset') AS word,
    member.objects,
    member.suspected,
    member.said_no,
    member.paying,
    member.bound,
    granted.told,
    granted.start,
    granted.first_yes,
    granted.last_yes,
    coalesce(granted.for_all, false) AS for_all,
    EXISTS (
        SELECT 1 FROM spared
        WHERE spared.member = party.member AND spared.version = asked.in_force
    ) AS spared,
    spared_then.member IS NOT NULL AS spared_then,
    coalesce(word_then.value, 'unset') AS word_then,
    coalesce(objection_then.stands, false) AS objects_then,
    coalesce(doubt_then.stands, false) AS suspected_then,
    coalesce(paying_then.holds, false) AS paying_then,
    coalesce(bound_then.holds, false) AS bound_then,
    now.publish_promise AS publish_promise,
    then_version.publish_promise AS publish_promise_then,
    -- The setting governs what it lists, for those whom it names.
    party.listed AND asked.within_setting AS governs
FROM party
CROSS JOIN asked
INNER JOIN version AS now ON now.place = asked.in_force
INNER JOIN version AS then_version ON then_version.place = party.of_then
LEFT JOIN member ON member.member = party.member
LEFT JOIN granted ON granted.member = party.member AND granted.private = party.private
LEFT JOIN placed_then
    ON placed_then.record_id = party.record_id AND placed_then.member = party.member
LEFT JOIN spared_then
    ON spared_then.record_id = party.record_id AND spared_then.member = party.member
LEFT JOIN choice AS word_then
    ON
        word_then.member = party.member
        AND word_then.since <= party.created_at
        AND party.created_at < word_then.until
LEFT JOIN objection AS objection_then
    ON
        objection_then.member = party.member
        AND objection_then.since <= party.created_at
        AND party.created_at < objection_then.until
LEFT JOIN doubt AS doubt_then
    ON
        doubt_then.member = party.member
        AND doubt_then.since <= party.created_at
        AND party.created_at < doubt_then.until
LEFT JOIN contract AS paying_then
    ON
        paying_then.member = party.member
        AND paying_then.agreement = 'subscription'
        AND paying_then.since <= party.created_at
        AND party.created_at < paying_then.until
LEFT JOIN contract AS bound_then
    ON
        bound_then.member = party.member
        AND bound_then.agreement = 'user-agreement'
        AND bound_then.since <= party.created_at
        AND party.created_at < bound_then.until;

-- 7. The reasons ------------------------------------------------------------------------------------------

CREATE OR REPLACE TEMP TABLE objecting AS
WITH asked_of AS (
    SELECT * FROM stance WHERE known
),

refused AS (
    SELECT record_id, 'unknown-party' AS reason FROM stance WHERE NOT known
    UNION ALL
    SELECT record_id, 'account-closed' FROM asked_of WHERE closed
    UNION ALL
    SELECT record_id, 'deceased' FROM asked_of
    WHERE died IS NOT NULL AND NOT coalesce(governs AND first_yes < died, false)
    UNION ALL
    SELECT record_id, 'unknown-jurisdiction' FROM asked_of
    WHERE
        len(codes) = 0
        OR len(codes_then) = 0
        -- Of the codes in made networks only this one is none.
        OR list_contains(codes, 'UK')
        OR list_contains(codes_then, 'UK')
    UNION ALL
    SELECT record_id, 'order' FROM asked_of
    WHERE
        known_category
        AND list_has_any(list_concat(codes, codes_then), (SELECT list(code) FROM stopped))
    UNION ALL
    SELECT record_id, 'agreement' FROM asked_of
    WHERE
        known_category
        AND third_party
        AND (
            (private AND (paying OR paying_then))
            OR (bound AND publish_promise)
            OR (bound_then AND publish_promise_then)
        )
    UNION ALL
    SELECT record_id, 'jurisdiction-exempt' FROM asked_of
    WHERE governs AND (spared OR spared_then)
    UNION ALL
    SELECT record_id, 'minor' FROM asked_of
    WHERE governs AND (moment < adult OR created_at < adult OR suspected OR suspected_then)
    UNION ALL
    SELECT record_id, 'opted-out' FROM asked_of
    WHERE governs AND (word = 'off' OR objects)
    UNION ALL
    SELECT record_id, 'opted-out-then' FROM asked_of
    WHERE
        governs
        AND (word_then = 'off' OR objects_then)
        AND NOT coalesce(for_all AND (said_no IS NULL OR last_yes >= said_no), false)
    UNION ALL
    SELECT record_id, 'uninformed' FROM asked_of
    WHERE governs AND word = 'on' AND first_yes IS NULL
    UNION ALL
    SELECT record_id, 'before-consent' FROM asked_of
    WHERE governs AND word = 'on' AND NOT for_all AND created_at < first_yes
    UNION ALL
    SELECT record_id, 'explicit-only' FROM asked_of
    WHERE governs AND word = 'unset' AND len(codes) > 0 AND explicit_only
    UNION ALL
    SELECT record_id, 'no-notice' FROM asked_of
    WHERE governs AND word = 'unset' AND len(codes) > 0 AND NOT told
    UNION ALL
    SELECT record_id, 'objection-window' FROM asked_of
    WHERE governs AND word = 'unset' AND len(codes) > 0 AND told AND moment < start
    UNION ALL
    SELECT record_id, 'before-notice' FROM asked_of
    WHERE governs AND word = 'unset' AND len(codes) > 0 AND told AND created_at < start
    UNION ALL
    SELECT record_id, 'no-parties' FROM record
    WHERE
        author IS NULL
        OR list_count(recipients) < len(recipients)
        OR (private AND len(recipients) = 0)
    UNION ALL
    SELECT record_id, 'unknown-category' FROM record WHERE NOT known_category
    UNION ALL
    SELECT record.record_id, 'no-ground' FROM record, asked
    WHERE record.known_category AND NOT (record.listed AND asked.within_setting)
    UNION ALL
    SELECT record_id, 'forbidden' FROM record WHERE forbidden
    UNION ALL
    -- Two customers instructed training: one for the network and its affiliates; one for the network, and
    -- took it back. A third instructed something else, which is enough only where it cannot be told what
    -- the request is: under an unknown category, which refuses for itself.
    SELECT record.record_id, 'enterprise-seat' FROM record, asked
    WHERE
        record.capacity IS NOT NULL
        AND record.capacity <> 'personal'
        AND NOT (
            asked.moment >= '2024-09-23T09:00:00Z'::TIMESTAMPTZ
            AND CASE record.capacity
                WHEN 'seat:customer-1' THEN asked.within_setting OR NOT record.known_category
                WHEN 'seat:customer-2' THEN
                    asked.moment < '2024-11-04T09:00:00Z'::TIMESTAMPTZ
                    AND (getvariable('role') = 'controller' OR NOT record.known_category)
                WHEN 'seat:customer-3' THEN NOT record.known_category
                ELSE false
            END
        )
    UNION ALL
    SELECT quoting.record_id, 'unknown-quote'
    FROM (SELECT record_id, unnest(quotes) AS quoted FROM record) AS quoting
    ANTI JOIN record ON record.record_id = quoting.quoted
)

SELECT DISTINCT record_id, reason FROM refused;

-- A quoted record's reasons join its quoter's, to any depth.
CREATE OR REPLACE TEMP TABLE verdict AS
WITH RECURSIVE quotation AS (
    SELECT record.record_id, unnest(record.quotes) AS quoted FROM record
),

reach AS (
    SELECT record_id, quoted FROM quotation
    UNION
    SELECT reach.record_id, quotation.quoted
    FROM reach
    INNER JOIN quotation ON quotation.record_id = reach.quoted
),

joined AS (
    SELECT record_id, reason FROM objecting
    UNION
    SELECT reach.record_id, objecting.reason
    FROM reach
    INNER JOIN objecting ON objecting.record_id = reach.quoted
)

SELECT
    record.record_id,
    record.category,
    coalesce(list_sort(list(joined.reason) FILTER (WHERE joined.reason IS NOT NULL)), []) AS reasons
FROM record
LEFT JOIN joined USING (record_id)
GROUP BY record.record_id, record.category;
