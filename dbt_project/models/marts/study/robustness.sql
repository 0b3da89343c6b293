{{ config(materialized="view") }}

-- Which statements survive which reading: one row a reading and statement about partners, EU members apart.

select
    verdicts.claim,
    verdicts.reading,
    verdicts.found,
    verdicts.verdict,
    verdicts.reason
from {{ ref("int_claim_verdicts") }} as verdicts
inner join {{ ref("claim_statements") }} as statements
    on verdicts.claim = statements.claim
where
    statements.view = 'countries'
    and statements.technology in ('all', 'critical')
    and statements.measure in (
        'peak_year',
        'years_first',
        'share',
        'intensity_ratio',
        'passing_year',
        'rank_intensity',
        'yearly_change'
    )
