{{ config(materialized="view") }}

-- The scorecard: one row a statement of the study, with what these data say of it.

select
    statements.claim,
    statements.statement,
    statements.measure,
    statements.technology,
    statements.query,
    statements.comparison,
    statements.expected,
    statements.tolerance,
    statements.reach,
    verdicts.found,
    verdicts.low,
    verdicts.high,
    verdicts.verdict,
    verdicts.reason
from {{ ref("claim_statements") }} as statements
inner join {{ ref("int_claim_verdicts") }} as verdicts
    on statements.claim = verdicts.claim
where verdicts.reading = 'main'
