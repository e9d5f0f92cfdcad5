SELECT writefile('path/to/project/dbt_project.yml', 'name: shop');
SELECT writefile('path/to/project/models/orders.sql', 'select 2 as n');
