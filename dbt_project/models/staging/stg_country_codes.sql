{{ config(materialized="view") }}

-- The one place that says under which country a source's name or code of a country reports. OpenAlex gives
-- codes; Web of Science and Scopus write addresses, whose last part the seed `country_names` looks up.

select
    'openalex' as source,
    code,
    reporting_code
from {{ ref("countries") }}

union all

select
    names.source,
    names.name as code,
    countries.reporting_code
from {{ ref("country_names") }} as names
inner join {{ ref("countries") }} as countries
    on names.code = countries.code
