{{ config(materialized="view") }}

-- Who leads each technology over the last complete years: by share of the most cited tenth and by H-index,
-- how far ahead, and with how many of the ten leading institutions. In the view `eu27` EU-27 stands in the
-- place of its members. H-indices take the citations of one source only.

with

members as (

    select
        country,
        group_name
    from {{ ref("country_groups") }}
    where group_set = 'eu27'

),

country_totals as (

    select
        impact.technology,
        years.window_start,
        years.window_end,
        impact.country,
        sum(impact.high_impact_output) as high_impact_output
    from {{ ref("high_impact") }} as impact
    inner join {{ ref("int_leader_window") }} as years
        on impact.year between years.window_start and years.window_end
    where impact.country != 'ZZ'
    group by 1, 2, 3, 4

),

totals as (

    select
        technology,
        window_start,
        window_end,
        'countries' as view,
        country,
        high_impact_output
    from country_totals

    union all

    select
        totals.technology,
        totals.window_start,
        totals.window_end,
        'eu27' as view,
        coalesce(members.group_name, totals.country) as country,
        sum(totals.high_impact_output) as high_impact_output
    from country_totals as totals
    left join members
        on totals.country = members.country
    group by 1, 2, 3, 4, 5

),

shares as (

    select
        technology,
        view,
        country,
        high_impact_output
        / nullif(sum(high_impact_output) over (partition by technology, view), 0) as high_impact_share
    from totals

),

ranks as (

    select
        technology,
        view,
        country,
        high_impact_share,
        rank() over (
            partition by technology, view
            order by {{ rank_value("high_impact_share") }} desc nulls last
        ) as share_rank,
        row_number() over (
            partition by technology, view
            order by high_impact_share desc
        ) as place
    from shares
    where high_impact_share is not null

),

second_shares as (

    select
        technology,
        view,
        high_impact_share
    from ranks
    where place = 2

),

-- Technologies whose citations come from one source in all years.
comparable_technologies as (

    select cutoffs.technology
    from {{ ref("high_impact_cutoffs") }} as cutoffs
    inner join {{ ref("int_leader_window") }} as years
        on cutoffs.year between years.window_start and years.window_end
    group by cutoffs.technology
    having count(distinct cutoffs.source) = 1

),

party_places as (

    select
        technology,
        'countries' as view,
        country,
        places
    from {{ ref("int_top_institutions") }}

    union all

    select
        places.technology,
        'eu27' as view,
        coalesce(members.group_name, places.country) as country,
        sum(places.places) as places
    from {{ ref("int_top_institutions") }} as places
    left join members
        on places.country = members.country
    group by 1, 2, 3

),

technologies_with_ten as (

    select distinct technology
    from {{ ref("int_top_institutions") }}

),

leaders as (

    select
        totals.*,
        ranks.high_impact_share,
        ranks.share_rank,
        case when comparable.technology is not null then coalesce(h_indices.h_index, 0) end as h_index,
        case when ranks.share_rank = 1 then coalesce(second_shares.high_impact_share, 0) end as second_share,
        case when with_ten.technology is not null then coalesce(places.places, 0) end as places
    from totals
    left join ranks
        on
            totals.technology = ranks.technology
            and totals.view = ranks.view
            and totals.country = ranks.country
    left join second_shares
        on
            totals.technology = second_shares.technology
            and totals.view = second_shares.view
    left join comparable_technologies as comparable
        on totals.technology = comparable.technology
    left join {{ ref("int_h_indices") }} as h_indices
        on
            totals.technology = h_indices.technology
            and totals.country = h_indices.country
    left join technologies_with_ten as with_ten
        on totals.technology = with_ten.technology
    left join party_places as places
        on
            totals.technology = places.technology
            and totals.view = places.view
            and totals.country = places.country

)

select
    technology,
    window_start,
    window_end,
    view,
    country,
    high_impact_output,
    high_impact_share,
    h_index,
    share_rank as rank,
    case
        when h_index is not null
            then rank() over (partition by technology, view order by h_index desc)
    end as rank_h_index,
    high_impact_share / nullif(second_share, 0) as lead_over_second,
    places as institutions_in_top_ten,
    case
        when second_share is null or places is null then null
        when places > 8 - 1e-9 and high_impact_share > 3 * second_share - 1e-9 then 'high'
        when places > 5 - 1e-9 and high_impact_share > 2 * second_share - 1e-9 then 'medium'
        else 'low'
    end as concentration
from leaders
