SELECT writefile('path/to/project/dbt_project.yml', 'name: shop');
SELECT writefile('path/to/project/models/orders.sql', 'select 2 as n');
SELECT writefile('path/to/project/models/x.py', 'def model(dbt, session):
  return session.sql("select 1 as a")');
