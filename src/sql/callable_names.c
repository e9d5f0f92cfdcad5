/*
** Functions by what calling them does (callable.h), by hand: DuckDB's from its catalog,
** PostgreSQL's from its manual. tests/attack/stored_sql.py fails for every name of DuckDB's catalog
** that is on none of these lists. To add one, find out what it does with every argument first; what
** a newer engine has is refused until somebody did.
*/
#include <string.h>
#include "src/base/text.h"
#include "callable.h"

/* ---- no effects ------------------------------------------------------------------------------ */

#define OF(letter) [letter - 'a'] /* names by their first letter, each between blanks */

/* DuckDB: scalar, aggregate, macro and table functions. */
static const char *const duckdb_known[26] = {
  OF('a') = " abs acos acosh add age aggregate ago alias any_value apply approx_count_distinct "
            "approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last "
            "arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg array_aggr "
            "array_aggregate array_append array_apply array_cat array_concat array_contains "
            "array_cosine_distance array_cosine_similarity array_cross_product array_distance "
            "array_distinct array_dot_product array_extract array_filter array_grade_up array_has "
            "array_has_all array_has_any array_indexof array_inner_product array_intersect "
            "array_length array_negative_dot_product array_negative_inner_product array_pop_back "
            "array_pop_front array_position array_prepend array_push_back array_push_front "
            "array_reduce array_resize array_reverse array_reverse_sort array_select array_slice "
            "array_sort array_to_json array_to_string array_to_string_comma_default "
            "array_transform array_unique array_value array_where array_zip ascii asin asinh atan "
            "atan2 atanh avg ",
  OF('b') = " bar base64 bin bit_and bit_count bit_length bit_or bit_position bit_xor bitstring "
            "bitstring_agg bool_and bool_or ",
  OF('c') = " can_cast_implicitly cardinality cast_to_type cbrt ceil ceiling century char_length "
            "character_length chr col_description combine concat concat_ws constant_or_null "
            "contains corr cos cosh cot count count_if count_star countif covar_pop covar_samp "
            "create_sort_key cume_dist current_catalog current_connection_id current_database "
            "current_date current_localtime current_localtimestamp current_query current_query_id "
            "current_role current_schema current_schemas current_transaction_id current_user ",
  OF('d') = " damerau_levenshtein date_add date_diff date_part date_sub date_trunc datediff "
            "datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month "
            "decade decode degrees dense_rank divide duckdb_coordinate_systems duckdb_keywords "
            "duckdb_optimizers duckdb_secret_types ",
  OF('e') = " editdist3 element_at encode ends_with entropy enum_code enum_first enum_last "
            "enum_range enum_range_boundary epoch epoch_ms epoch_ns epoch_us equi_width_bins era "
            "error even exp ",
  OF('f') = " factorial favg fdiv fill filter finalize first first_value flatten floor fmod format "
            "format_bytes format_pg_type format_type formatreadabledecimalsize formatreadablesize "
            "from_base64 from_binary from_hex from_json from_json_strict fsum ",
  OF('g') = " gamma gcd gen_random_uuid generate_series generate_subscripts geomean geometric_mean "
            "get_bit get_block_size get_current_time get_current_timestamp get_type getvariable "
            "grade_up greatest greatest_common_divisor group_concat ",
  OF('h') = " hamming has_any_column_privilege has_column_privilege has_database_privilege "
            "has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege "
            "has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege "
            "has_tablespace_privilege hash hex histogram histogram_exact hour ",
  OF('i') = " icu_calendar_names icu_sort_key ilike_escape in_search_path inet_client_addr "
            "inet_client_port inet_server_addr inet_server_port instr is_histogram_other_bin "
            "isfinite isinf isnan isodow isoyear ",
  OF('j') = " jaccard jaro_similarity jaro_winkler_similarity json json_array json_array_length "
            "json_contains json_deserialize_sql json_each json_exists json_extract "
            "json_extract_path json_extract_path_text json_extract_string json_group_array "
            "json_group_object json_group_structure json_keys json_merge_patch json_object "
            "json_pretty json_quote json_serialize_sql json_structure json_transform "
            "json_transform_strict json_tree json_type json_valid json_value julian ",
  OF('k') = " kahan_sum kurtosis kurtosis_pop ",
  OF('l') = " lag last last_day last_value lcase lcm lead least least_common_multiple left "
            "left_grapheme len length length_grapheme levenshtein lgamma like_escape list "
            "list_aggr list_aggregate list_any_value list_append list_apply "
            "list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor "
            "list_bool_and list_bool_or list_cat list_concat list_contains list_cosine_distance "
            "list_cosine_similarity list_count list_distance list_distinct list_dot_product "
            "list_element list_entropy list_extract list_filter list_first list_grade_up list_has "
            "list_has_all list_has_any list_histogram list_indexof list_inner_product "
            "list_intersect list_kurtosis list_kurtosis_pop list_last list_mad list_max "
            "list_median list_min list_mode list_negative_dot_product list_negative_inner_product "
            "list_pack list_position list_prepend list_product list_reduce list_resize "
            "list_reverse list_reverse_sort list_select list_sem list_skewness list_slice "
            "list_sort list_stddev_pop list_stddev_samp list_string_agg list_sum list_transform "
            "list_unique list_value list_var_pop list_var_samp list_where list_zip listagg ln log "
            "log10 log2 lower lpad ltrim ",
  OF('m') = " mad make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns "
            "make_timestamptz make_type map map_concat map_contains map_contains_entry "
            "map_contains_value map_entries map_extract map_extract_value map_from_entries "
            "map_keys map_to_pg_oid map_values max max_by md5 md5_number md5_number_lower "
            "md5_number_upper mean median microsecond millennium millisecond min min_by minute "
            "mismatches mod mode month monthname multiply ",
  OF('n') = " nanosecond nextafter nfc_normalize normalized_interval not_ilike_escape "
            "not_like_escape now nth_value ntile nullif ",
  OF('o') = " obj_description octet_length ord ",
  OF('p') = " parse_dirname parse_dirpath parse_duckdb_log_message parse_filename "
            "parse_formatted_bytes parse_path percent_rank pg_collation_is_visible "
            "pg_conf_load_time pg_conversion_is_visible pg_function_is_visible "
            "pg_get_constraintdef pg_get_expr pg_get_viewdef pg_has_role pg_is_other_temp_schema "
            "pg_my_temp_schema pg_opclass_is_visible pg_operator_is_visible "
            "pg_opfamily_is_visible pg_postmaster_start_time pg_size_pretty pg_table_is_visible "
            "pg_timezone_names pg_ts_config_is_visible pg_ts_dict_is_visible "
            "pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_typeof pi "
            "position pow power pragma_collations pragma_platform pragma_user_agent "
            "pragma_version prefix printf product ",
  OF('q') = " quantile quantile_cont quantile_disc quarter ",
  OF('r') = " radians random range rank rank_dense reduce regexp_escape regexp_extract "
            "regexp_extract_all regexp_full_match regexp_matches regexp_replace "
            "regexp_split_to_array regexp_split_to_table regr_avgx regr_avgy regr_count "
            "regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy remap_struct repeat "
            "repeat_row replace replace_type reservoir_quantile reverse right right_grapheme "
            "round round_even roundbankers row row_number row_to_json rpad rtrim ",
  OF('s') = " second sem session_user set_bit sha1 sha256 shobj_description sign signbit sin sinh "
            "skewness split split_part sqrt st_asbinary st_astext st_aswkb st_aswkt st_crs "
            "st_geomfromwkb st_intersects_extent st_setcrs starts_with stats stddev stddev_pop "
            "stddev_samp str_split str_split_regex strftime string_agg string_split "
            "string_split_regex string_to_array strip_accents strlen strpos strptime "
            "struct_concat struct_contains struct_extract struct_extract_at struct_has "
            "struct_indexof struct_insert struct_keys struct_pack struct_position struct_update "
            "struct_values substr substring substring_grapheme subtract suffix sum "
            "sum_no_overflow sumkahan summary switch ",
  OF('t') = " tan tanh test_all_types time_bucket timetz_byte_comparable timezone timezone_hour "
            "timezone_minute to_base to_base64 to_binary to_centuries to_days to_decades to_hex "
            "to_hours to_json to_microseconds to_millennia to_milliseconds to_minutes to_months "
            "to_quarters to_seconds to_timestamp to_weeks to_years today transaction_timestamp "
            "translate trim trunc try_strptime txid_current typeof ",
  OF('u') = " ucase unbin unhex unicode union_extract union_tag union_value unnest unpivot_list "
            "upper url_decode url_encode user uuid uuid_extract_timestamp uuid_extract_version "
            "uuidv4 uuidv7 ",
  OF('v') = " var_pop var_samp variance variant_bytes_to_variant variant_extract variant_normalize "
            "variant_to_parquet_variant variant_typeof vector_type version ",
  OF('w') = " wavg week weekday weekofyear weighted_avg ",
  OF('x') = " xor ",
  OF('y') = " year yearweek ",
};

/* What stands in front of a ( and is no function: the words of the grammars, and types. */
static const char *const words[26] = {
  OF('a') = " abort absolute access action admin after all also alter always analyse analyze and "
            "anti any array as asc asof assertion assignment asymmetric at attach attribute "
            "authorization ",
  OF('b') = " backward before begin between bigint bignum binary bit blob bool boolean both bpchar "
            "by bytea ",
  OF('c') = " cache call called cascade cascaded case cast catalog centuries chain char character "
            "characteristics check class close cluster coalesce collate collation column columns "
            "comment comments commit committed compression concurrently configuration conflict "
            "connection constraint constraints content continue conversion copy cost create cross "
            "csv cube current cursor cycle ",
  OF('d') = " data database date datetime days deallocate dec decades decimal declare default "
            "defaults deferrable deferred definer delete delimiter delimiters depends desc "
            "describe detach dictionary disable discard distinct do document domain double drop ",
  OF('e') = " each else enable encoding encrypted end enum escape event except exclude excluding "
            "exclusive execute exists explain export export_state extension extensions external "
            "extract ",
  OF('f') = " false family fetch float float4 float8 following for force foreign forward freeze "
            "from full function ",
  OF('g') = " generated geometry global grant granted group grouping grouping_id groups guid ",
  OF('h') = " handler having header hold hours hugeint ",
  OF('i') = " identity if ignore ilike immediate immutable implicit import in include including "
            "increment index indexes inherit inherits initially inline inner inout input "
            "insensitive insert install instead int int1 int128 int16 int2 int32 int4 int64 int8 "
            "integer integral intersect interval into invoker is isnull isolation ",
  OF('j') = " join ",
  OF('k') = " key ",
  OF('l') = " label lambda language large lateral leading leakproof level like limit listen load "
            "local location lock locked logged logical long ",
  OF('m') = " macro mapping match matched materialized maxvalue merge method microseconds "
            "millennia milliseconds minutes minvalue months move ",
  OF('n') = " name names national natural nchar new next no none not nothing notify notnull nowait "
            "null nulls numeric nvarchar ",
  OF('o') = " object of off offset oid oids old on only operator option options or order "
            "ordinality others out outer over overlaps overlay overriding owned owner ",
  OF('p') = " parallel parser partial partition partitioned passing password percent persistent "
            "pivot pivot_longer pivot_wider placing plans policy positional pragma preceding "
            "precision prepare prepared preserve primary prior privileges procedural procedure "
            "program publication ",
  OF('q') = " qualify quarters quote ",
  OF('r') = " read real reassign recheck recursive ref references referencing refresh reindex "
            "relative release rename repeatable replica reset respect restart restrict returning "
            "returns revoke role rollback rollup rows rule ",
  OF('s') = " sample savepoint schema schemas scope scroll search seconds secret security select "
            "semi sequence sequences serializable server session set setof sets share short "
            "signed similar simple skip smallint snapshot some sorted source sql stable "
            "standalone start statement statistics stdin stdout storage stored strict string "
            "strip struct subscription summarize symmetric sysid system ",
  OF('t') = " table tables tablesample tablespace target temp template temporary text then ties "
            "time time_ns timestamp timestamp_ms timestamp_ns timestamp_s timestamp_us "
            "timestamptz timetz tinyint to trailing transaction transform treat trigger true "
            "truncate trusted try_cast type types ",
  OF('u') = " ubigint uhugeint uint128 uint16 uint32 uint64 uint8 uinteger unbounded uncommitted "
            "unencrypted union unique unknown unlisten unlogged unpack unpivot until update use "
            "using usmallint utinyint ",
  OF('v') = " vacuum valid validate validator value values varbinary varchar variable variadic "
            "variant varint varying verbose view views virtual volatile ",
  OF('w') = " weeks when where whitespace window with within without work wrapper write ",
  OF('x') = " xml xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse "
            "xmlpi xmlroot xmlserialize xmltable ",
  OF('y') = " years yes ",
  OF('z') = " zone ",
};

/* PostgreSQL: names that its catalog calls volatile and that change nothing, and those that models
** use most, so that few are asked for. */
static const char *const postgres_known[26] = {
  OF('a') = " abs age array_agg array_length array_position array_remove array_to_string avg ",
  OF('b') = " bool_and bool_or btrim ",
  OF('c') = " cardinality ceil ceiling char_length clock_timestamp concat concat_ws convert_from "
            "convert_to corr count cume_dist ",
  OF('d') = " date_bin date_part date_trunc decode dense_rank ",
  OF('e') = " encode every exp extract ",
  OF('f') = " first_value floor format ",
  OF('g') = " gen_random_bytes gen_random_uuid gen_salt generate_series greatest ",
  OF('i') = " initcap ",
  OF('j') = " json_agg json_array_elements json_array_elements_text json_build_object json_each "
            "json_each_text json_extract_path_text json_object_agg jsonb_agg jsonb_array_elements "
            "jsonb_array_elements_text jsonb_build_object jsonb_each jsonb_each_text "
            "jsonb_extract_path_text jsonb_object_agg jsonb_object_keys jsonb_typeof ",
  OF('l') = " lag last_value lead least left length ln log lower lpad ltrim ",
  OF('m') = " make_date make_interval make_timestamp max md5 min mod mode ",
  OF('n') = " now nth_value ntile nullif ",
  OF('p') = " percent_rank percentile_cont percentile_disc position power ",
  OF('r') = " random random_normal rank regexp_match regexp_matches regexp_replace "
            "regexp_split_to_array regexp_split_to_table repeat replace reverse right round "
            "row_number row_to_json rpad rtrim ",
  OF('s') = " sha256 sign split_part sqrt starts_with stddev stddev_pop stddev_samp string_agg "
            "string_to_array strpos substr substring sum ",
  OF('t') = " timeofday to_char to_date to_hex to_json to_jsonb to_number to_timestamp translate "
            "trim trunc ",
  OF('u') = " unnest upper uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7 ",
  OF('v') = " var_pop var_samp variance ",
  OF('w') = " width_bucket ",
};

static const char *const trino_tables[] = {"exclude_columns", "sequence", NULL};

/* ---- effects --------------------------------------------------------------------------------- */

struct effect {
  const char *name; /* a * at its end or begin stands for any rest */
  enum rs_call call;
};

/* Of every engine: a name that one of them has is refused for all. */
static const struct effect effects[] = {
  /* SQLite */
  {"sqlite_compileoption_*", RS_CALL_CATALOG},
  {"sqlite_log", RS_CALL_STATE},
  {"load_extension", RS_CALL_ENGINE},
  {"fts3_tokenizer", RS_CALL_ENGINE},
  /* DuckDB */
  {"enable_*", RS_CALL_ENGINE},
  {"disable_*", RS_CALL_ENGINE},
  {"checkpoint", RS_CALL_ENGINE},
  {"force_checkpoint", RS_CALL_ENGINE},
  {"truncate_duckdb_logs", RS_CALL_ENGINE},
  {"add_parquet_key", RS_CALL_ENGINE},
  {"verify_*", RS_CALL_ENGINE},
  {"copy_database", RS_CALL_ENGINE},
  {"import_database", RS_CALL_ENGINE},
  {"load_aws_credentials", RS_CALL_ENGINE},
  {"all_profiling_output", RS_CALL_ENGINE},
  {"collations", RS_CALL_ENGINE},
  {"database_list", RS_CALL_ENGINE},
  {"database_size", RS_CALL_ENGINE},
  {"extension_versions", RS_CALL_ENGINE},
  {"functions", RS_CALL_ENGINE},
  {"metadata_info", RS_CALL_ENGINE},
  {"platform", RS_CALL_ENGINE},
  {"show", RS_CALL_ENGINE},
  {"show_databases", RS_CALL_ENGINE},
  {"show_tables", RS_CALL_ENGINE},
  {"show_tables_expanded", RS_CALL_ENGINE},
  {"storage_info", RS_CALL_ENGINE},
  {"table_info", RS_CALL_ENGINE},
  {"user_agent", RS_CALL_ENGINE},
  {"arrow_*", RS_CALL_INNER},
  {"seq_scan", RS_CALL_INNER},
  {"__internal_*", RS_CALL_INNER},
  {"check_peg_parser", RS_CALL_INNER},
  {"test_vector_types", RS_CALL_INNER},
  {"query", RS_CALL_TEXT},
  {"query_table", RS_CALL_NAMES},
  {"json_execute_serialized_sql", RS_CALL_TEXT},
  {"json_serialize_plan", RS_CALL_NAMES},
  {"from_substrait*", RS_CALL_TEXT},
  {"histogram_values", RS_CALL_NAMES},
  {"read_*", RS_CALL_FILES},
  {"parquet_*", RS_CALL_FILES},
  {"glob", RS_CALL_FILES},
  {"sniff_csv", RS_CALL_FILES},
  {"st_read*", RS_CALL_FILES},
  {"postgres_*", RS_CALL_FILES},
  {"mysql_*", RS_CALL_FILES},
  {"sqlite_*", RS_CALL_FILES},
  {"iceberg_*", RS_CALL_FILES},
  {"delta_*", RS_CALL_FILES},
  {"*_scan", RS_CALL_FILES},
  {"duckdb_*", RS_CALL_CATALOG},
  {"pragma_*", RS_CALL_CATALOG},
  {"sql_auto_complete", RS_CALL_CATALOG},
  {"current_setting", RS_CALL_CATALOG},
  {"getenv", RS_CALL_CATALOG},
  {"which_secret", RS_CALL_CATALOG},
  {"nextval", RS_CALL_STATE},
  {"currval", RS_CALL_STATE},
  {"setseed", RS_CALL_STATE},
  {"write_log", RS_CALL_STATE},
  {"sleep_ms", RS_CALL_WAITS},
  {"pg_sleep*", RS_CALL_WAITS},
  /* PostgreSQL and its extensions */
  {"query_to_xml*", RS_CALL_TEXT},
  {"cursor_to_xml*", RS_CALL_TEXT},
  {"table_to_xml*", RS_CALL_TEXT},
  {"schema_to_xml*", RS_CALL_TEXT},
  {"database_to_xml*", RS_CALL_TEXT},
  {"dblink*", RS_CALL_TEXT},
  {"crosstab*", RS_CALL_TEXT},
  {"connectby*", RS_CALL_TEXT},
  {"xpath_table", RS_CALL_TEXT},
  {"ts_stat", RS_CALL_TEXT},
  {"ts_rewrite", RS_CALL_TEXT},
  {"plan_*", RS_CALL_TEXT},
  {"pg_read_*", RS_CALL_FILES},
  {"pg_ls_*", RS_CALL_FILES},
  {"pg_stat_file", RS_CALL_FILES},
  {"pg_file_*", RS_CALL_FILES},
  {"lo_*", RS_CALL_FILES},
  {"pg_logdir_ls", RS_CALL_FILES},
  {"pg_current_logfile", RS_CALL_FILES},
  {"pg_hba_file_rules", RS_CALL_FILES},
  {"pg_ident_file_mappings", RS_CALL_FILES},
  {"pg_show_all_file_settings", RS_CALL_FILES},
  {"pg_show_all_settings", RS_CALL_CATALOG},
  {"pg_stat_get_activity", RS_CALL_CATALOG},
  {"setval", RS_CALL_STATE},
  {"lastval", RS_CALL_STATE},
  {"set_config", RS_CALL_STATE},
  {"pg_notify", RS_CALL_STATE},
  {"pg_advisory_*", RS_CALL_STATE},
  {"pg_try_advisory_*", RS_CALL_STATE},
  {"pg_export_snapshot", RS_CALL_STATE},
  {"pg_logical_*", RS_CALL_STATE},
  {"pg_replication_*", RS_CALL_STATE},
  {"pg_create_*", RS_CALL_STATE},
  {"pg_drop_*", RS_CALL_STATE},
  {"pg_copy_*", RS_CALL_STATE},
  {"pg_import_system_collations", RS_CALL_STATE},
  {"pg_stat_reset*", RS_CALL_STATE},
  {"pg_stat_statements_reset", RS_CALL_STATE},
  {"pg_prewarm*", RS_CALL_STATE},
  {"pg_restore_*", RS_CALL_STATE},
  {"pg_set_*", RS_CALL_STATE},
  {"pg_clear_*", RS_CALL_STATE},
  {"binary_upgrade_*", RS_CALL_STATE},
  {"pg_switch_wal", RS_CALL_ENGINE},
  {"pg_start_backup", RS_CALL_ENGINE},
  {"pg_stop_backup", RS_CALL_ENGINE},
  {"pg_backup_*", RS_CALL_ENGINE},
  {"pg_promote", RS_CALL_ENGINE},
  {"pg_wal_replay_*", RS_CALL_ENGINE},
  {"pg_rotate_logfile", RS_CALL_ENGINE},
  {"pg_reload_conf", RS_CALL_ENGINE},
  {"pg_terminate_backend", RS_CALL_ENGINE},
  {"pg_cancel_backend", RS_CALL_ENGINE},
  {"pg_log_*", RS_CALL_ENGINE},
  {"brin_*", RS_CALL_ENGINE},
  {"gin_clean_pending_list", RS_CALL_ENGINE},
  /* Trino's and its connectors' table functions that run another engine's text */
  {"raw_query", RS_CALL_TEXT},
  {"procedure", RS_CALL_TEXT},
  {"unload", RS_CALL_STATE},
};

/* ---- dialects -------------------------------------------------------------------------------- */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

// by their full names, since the file may have macros that are called lower() or duckdb_functions()
const struct rs_calls rs_calls_duckdb = {
  .known = duckdb_known,
  .ask = "SELECT system.main.lower(function_name), macro_definition"
         " FROM system.main.duckdb_functions()"
         " WHERE system.main.lower(function_name) IN (?)",
  .shows_relations = true,
};

/* What names relations, columns and indexes: macros of dbt's packages join them. */
static const char *const postgres_catalogs[] = {"pg_am",         "pg_attrdef",
                                                "pg_attribute",  "pg_class",
                                                "pg_constraint", "pg_depend",
                                                "pg_enum",       "pg_index",
                                                "pg_indexes",    "pg_inherits",
                                                "pg_matviews",   "pg_namespace",
                                                "pg_opclass",    "pg_partitioned_table",
                                                "pg_type",       NULL};

const struct rs_calls rs_calls_postgres = {
  .known = postgres_known,
  .catalogs = postgres_catalogs,
  .ask = "SELECT proname, NULL FROM pg_catalog.pg_proc WHERE provolatile = 'v'"
         " AND proname IN (?)",
};

/* SQLite's own functions, those of its extensions that a driver has built in, and json_each() and
** json_tree(). */
static const char *const sqlite_known[26] = {
  OF('a') = " abs acos acosh asin asinh atan atan2 atanh avg ",
  OF('b') = " bm25 ",
  OF('c') = " ceil ceiling changes char coalesce concat concat_ws cos cosh count "
            "cume_dist ",
  OF('d') = " date datetime degrees dense_rank ",
  OF('e') = " exp ",
  OF('f') = " first_value floor format ",
  OF('g') = " geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point "
            "geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg "
            "geopoly_within geopoly_xform glob group_concat ",
  OF('h') = " hex highlight ",
  OF('i') = " if ifnull iif instr ",
  OF('j') = " json json_array json_array_insert json_array_length json_each "
            "json_error_position json_extract json_group_array json_group_object "
            "json_insert json_object json_patch json_pretty json_quote json_remove "
            "json_replace json_set json_tree json_type json_valid jsonb jsonb_array "
            "jsonb_array_insert jsonb_each jsonb_extract jsonb_group_array "
            "jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove "
            "jsonb_replace jsonb_set jsonb_tree julianday ",
  OF('l') = " lag last_insert_rowid last_value lead length like likelihood likely ln log "
            "log10 log2 lower ltrim ",
  OF('m') = " match matchinfo max median min mod ",
  OF('n') = " nth_value ntile nullif ",
  OF('o') = " octet_length offsets ",
  OF('p') = " percent_rank percentile percentile_cont percentile_disc pi pow power "
            "printf ",
  OF('q') = " quote ",
  OF('r') = " radians random randomblob rank replace round row_number rtrim ",
  OF('s') = " sign sin sinh snippet soundex sqlite_source_id sqlite_version sqrt "
            "strftime string_agg substr substring subtype sum ",
  OF('t') = " tan tanh time timediff total total_changes trim trunc typeof ",
  OF('u') = " unhex unicode unistr unistr_quote unixepoch unlikely upper ",
  OF('z') = " zeroblob ",
};

/* What is on no list and there is refused; so is a table that is called as a function. */
const struct rs_calls rs_calls_sqlite = {
  .known = sqlite_known,
  .ask = "SELECT name, NULL FROM (SELECT name FROM pragma_function_list"
         " UNION SELECT name FROM pragma_module_list) WHERE name IN (?)",
};

static const char *const trino_catalogs[] = {"materialized_views", NULL};
const struct rs_calls rs_calls_trino = {.tables = trino_tables, .catalogs = trino_catalogs};

const struct rs_calls rs_calls_other = {.known = NULL};

/* Is `name`, which stands between blanks, in the list? n: its length with them. */
static bool finds(const char *const *list, const char *name, size_t n)
{
  char first = name[1];
  if (list == NULL || first < 'a' || first > 'z') return false;
  const char *p = list[first - 'a'];
  while (p != NULL && (p = strchr(p, ' ')) != NULL) {
    if (strncmp(p, name, n) == 0) return true;
    p++;
  }
  return false;
}

static bool fits(const char *name, size_t n, const char *pattern)
{
  size_t len = strlen(pattern);
  if (pattern[0] == '*')
    return n >= len - 1 && memcmp(name + n - (len - 1), pattern + 1, len - 1) == 0;
  if (pattern[len - 1] == '*') return n >= len - 1 && memcmp(name, pattern, len - 1) == 0;
  return n == len && memcmp(name, pattern, n) == 0;
}

#define NAME_MAX_LEN 64 /* the longest on a list has 40 */

enum rs_call rs_callable_find(const struct rs_dialect *d, const char *name, size_t n)
{
  char spaced[NAME_MAX_LEN + 3] = " ", *lower = spaced + 1;
  const struct rs_calls *calls = d->calls != NULL ? d->calls : &rs_calls_other;
  if (n == 0 || n > NAME_MAX_LEN) return RS_CALL_UNKNOWN;
  for (size_t i = 0; i < n; i++) {
    if (name[i] == ' ') return RS_CALL_UNKNOWN;
    lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
  }
  lower[n] = ' ';
  if (finds(calls->known, spaced, n + 2) || finds(words, spaced, n + 2)) return RS_CALL_KNOWN;
  // collations of all languages, which are called by COLLATE
  if (fits(lower, n, "icu_collate_*")) return RS_CALL_KNOWN;
  for (size_t i = 0; i < COUNT(effects); i++)
    if (fits(lower, n, effects[i].name)) return effects[i].call;
  return RS_CALL_UNKNOWN;
}

const char *rs_callable_text(enum rs_call c)
{
  switch (c) {
    case RS_CALL_ENGINE: return "changes the engine itself";
    case RS_CALL_INNER: return "is an inner one of the engine";
    case RS_CALL_TEXT: return "runs a text as SQL";
    case RS_CALL_NAMES: return "names a table by a text";
    case RS_CALL_FILES: return "reads files or other databases";
    case RS_CALL_CATALOG: return "shows settings or what is hidden";
    case RS_CALL_STATE: return "changes something";
    case RS_CALL_WAITS: return "sleeps";
    default: return "is not known to be free of effects";
  }
}

const char *rs_callable_way_out(enum rs_call c)
{
  return c == RS_CALL_FILES ? RS_CALLABLE_FILES
                            : "(SELECT rockset_trust(1) lets stored SQL call it)";
}
