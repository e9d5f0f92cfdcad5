SELECT writefile('etl.yml', 'shop:
  target: dev
  outputs:
    dev:
      type: duckdb
    prod:
      type: trino
      host: trino.example.com
      user: etl
      catalog: lake
      schema: shop
broken:
  outputs:
    dev:
      type: duckdb
      pth: shop.duckdb
    big: {type: duckdb, threads: many}
    old: {type: rockset}
    lake: {type: trino, host: "{{ env_var(''TRINO_HOST'') }}", user: etl, catalog: lake, schema: shop}
');
