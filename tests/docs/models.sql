.shell cp ../demo/app.db.duckdb .
SELECT rockset_drop_collection('commons.delays'), rockset_drop_view('commons.stg_flights');
