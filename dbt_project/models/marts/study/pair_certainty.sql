{{ config(materialized="view") }}

-- How sure weight and intensity of each pair are, with countries one by one and with EU-27 in its members'
-- place. Pairs with `ZZ` are kept, as in `pair_collaboration`; rankings leave them out.

select
    year,
    technology,
    view,
    party_a,
    party_b,
    papers,
    weight,
    intensity,
    weight_se,
    weight_low,
    weight_high,
    intensity_se,
    intensity_low,
    intensity_high,
    effective_number,
    is_small
from {{ ref("int_pair_certainty") }}
