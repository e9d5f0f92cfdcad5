.shell cp ../demo/app.db.duckdb .
