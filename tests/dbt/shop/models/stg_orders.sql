select _id as order_id, customer, amount, parse_date_iso8601(ordered_on) as ordered_on
from {{ ref('orders') }}
