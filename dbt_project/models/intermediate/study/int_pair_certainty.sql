{{ config(materialized="view") }}

-- Weight and intensity of each pair with their standard errors, in both views: all countries one by one, or
-- EU-27 in its members' place. Papers are taken for Poisson numbers, so that a sum over papers has the sum of
-- squares as its variance; for the logarithm of a ratio each paper counts by what it moves it (delta method).

with

views as (

    select
        'countries' as view,
        sums.*
    from {{ ref("int_pair_sums") }} as sums
    where 'EU27' not in (sums.party_a, sums.party_b)

    union all

    select
        'eu27' as view,
        sums.*
    from {{ ref("int_pair_sums") }} as sums
    where
        sums.party_a not in ({{ eu27_members() }})
        and sums.party_b not in ({{ eu27_members() }})

),

pairs as (

    select
        views.*,
        a.output as output_a,
        b.output as output_b,
        a.output_square as output_square_a,
        b.output_square as output_square_b,
        views.weight / sqrt(a.output * b.output) as intensity
    from views
    inner join {{ ref("int_party_sums") }} as a
        on
            views.year = a.year
            and views.technology = a.technology
            and views.party_a = a.party
    inner join {{ ref("int_party_sums") }} as b
        on
            views.year = b.year
            and views.technology = b.technology
            and views.party_b = b.party

),

-- Each null where the weight is 0. Of log I = log C - (log R_A + log R_B) / 2 the variance is the sum over
-- papers of (c / C - r_A / 2 R_A - r_B / 2 R_B)^2, multiplied out.
variances as (

    select
        pairs.*,
        weight_square / nullif(weight * weight, 0) as log_weight_variance,
        weight_square / nullif(weight * weight, 0)
        + output_square_a / (4 * output_a * output_a)
        + output_square_b / (4 * output_b * output_b)
        - weight_output_a / (nullif(weight, 0) * output_a)
        - weight_output_b / (nullif(weight, 0) * output_b)
        + output_product / (2 * output_a * output_b) as log_intensity_variance
    from pairs

)

-- Two parties that only ever work with each other have intensity 1, which division may miss by an ulp. No
-- intensity is above 1, so no bound is either.
select
    year,
    technology,
    view,
    party_a,
    party_b,
    papers,
    weight,
    case when intensity > 1 and intensity < 1 + 1e-9 then 1 else intensity end as intensity,
    sqrt(weight_square) as weight_se,
    {{ log_interval_low("weight", "log_weight_variance") }} as weight_low,
    {{ log_interval_high("weight", "log_weight_variance") }} as weight_high,
    {{ standard_error("log_intensity_variance") }} as intensity_se,
    {{ log_interval_low("intensity", "log_intensity_variance") }} as intensity_low,
    case
        when {{ log_interval_high("intensity", "log_intensity_variance") }} > 1 then 1
        else {{ log_interval_high("intensity", "log_intensity_variance") }}
    end as intensity_high,
    coalesce(1 / log_weight_variance, 0) as effective_number,
    coalesce(1 / log_weight_variance, 0) < {{ small_number() }} as is_small,
    weight_square,
    weight_known_weight_a,
    weight_known_weight_b
from variances
