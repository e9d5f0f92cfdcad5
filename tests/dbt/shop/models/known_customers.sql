{{ config(materialized='ephemeral') }}
select _id as customer, name, coalesce(city, 'unknown') as city
from {{ ref('customers') }}
