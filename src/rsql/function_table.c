/*
** The table of functions (see functions.h). Rows of one name stand together, the names in
** alphabetical order: that is how they are searched. The first row of a name that fits wins.
**
** Names that templates bind begin with rs_, so that no column of a query is captured.
*/
#include "functions.h"
#include "geo_forms.h"
#include "sha512_form.h"

// clang-format off
/* Arrays of any values, for those that hold several types or are asked for another type than their
** own: the elements as JSON, and a KEY of each, by which 1 and 1.0 are the same. */
#define BOX(a) "CAST(to_json(" a ") AS JSON[])"
#define KEY(e) \
  "CASE WHEN json_type(" e ") = 'DOUBLE' AND abs(TRY_CAST(" e " AS DOUBLE)) < 9e15 AND " \
  "TRY_CAST(" e " AS DOUBLE) = trunc(TRY_CAST(" e " AS DOUBLE)) THEN " \
  "to_json(CAST(TRY_CAST(" e " AS DOUBLE) AS BIGINT)) ELSE " e " END"
#define KEYS(a) "list_transform(" BOX(a) ", rs_k -> " KEY("rs_k") ")"
#define KEY_OF(v) \
  "list_transform([nullif(to_json(" v "), CAST('null' AS JSON))], rs_k -> " KEY("rs_k") ")[1]"
/* The same for Trino. */
#define T_BOX(a) "CAST(CAST(" a " AS json) AS array(json))"
#define T_KEY(e) "json_parse(regexp_replace(json_format(" e "), '^(-?[0-9]+)\\.0$$', '$$1'))"
#define T_MAP(a) "CAST(CAST(" a " AS json) AS map(varchar, json))"
#define T_NULLS(a) "transform(" T_BOX(a) ", rs_k -> coalesce(json_format(rs_k), 'null') = 'null')"
#define T_KEYS(a) "transform(" T_BOX(a) ", rs_k -> " T_KEY("rs_k") ")"
#define T_DISTINCT(a) \
  "CASE WHEN cardinality(" T_BOX(a) ") = 0 THEN " T_BOX(a) " ELSE transform(filter(sequence(1, " \
  "cardinality(" T_BOX(a) ")), rs_i -> array_position(" T_KEYS(a) ", element_at(" T_KEYS(a) ", " \
  "rs_i)) = rs_i), rs_i -> element_at(" T_BOX(a) ", rs_i)) END"
#define T_KEY_OF(v) T_KEY("coalesce(CAST(" v " AS json), JSON 'null')")

#define MD5(bytes) "unhex(md5(" bytes "))"
#define SHA1(bytes) "unhex(sha1(" bytes "))"
#define SHA256(bytes) "unhex(sha256(" bytes "))"
/* A keyed digest, by the digest H of blocks of so many bytes, which are so many digits. */
#define BYTES(byte, size) "CAST(unhex(repeat('" byte "', " size ")) AS BIT)"
#define PAD(k, byte, size) "CAST(xor(CAST(" k " AS BIT), " BYTES(byte, size) ") AS BLOB)"
#define HMAC(h, size, digits) \
  "list_transform([unhex(rpad(hex(CASE WHEN octet_length($2) > " size " THEN " h("$2") " ELSE $2 " \
  "END), " digits ", '0'))], rs_k -> " \
  h(PAD("rs_k", "5c", size) " || " h(PAD("rs_k", "36", size) " || $1")) ")[1]"
/* The digest's name is a text that was made bytes, as the arguments in front of it were. */
#define DIGEST(name) "replace(replace(lower(decode(" name ")), '-', ''), '_', '')"
#define T_DIGEST(name) "replace(replace(lower(from_utf8(" name ")), '-', ''), '_', '')"
#define NO_DIGEST(name, digest, which) \
  "'Function `" name "`: ' || " digest " || ' is not available here: " which " are.'"

/* ISO 8601: P1DT2H3.5S, and P1Y2M. A part that is not there counts as 0. */
#define SECONDS \
  "'^([-+]?)P(?:([0-9.]+)W)?(?:([0-9.]+)D)?(?:T(?:([0-9.]+)H)?(?:([0-9.]+)M)?(?:([0-9.]+)S)?)?$$'"
#define MONTHS "'^([-+]?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?$$'"
#define PART(form, i, type) \
  "coalesce(TRY_CAST(regexp_extract($1, " form ", " i ") AS " type "), 0)"
#define SECONDS_OF(type) \
  "(" PART(SECONDS, "2", type) " * 604800 + " PART(SECONDS, "3", type) " * 86400 + " \
  PART(SECONDS, "4", type) " * 3600 + " PART(SECONDS, "5", type) " * 60 + " \
  PART(SECONDS, "6", type) ")"
#define MONTHS_OF "(" PART(MONTHS, "2", "BIGINT") " * 12 + " PART(MONTHS, "3", "BIGINT") ")"
#define SIGN_OF "CASE WHEN $1 LIKE '-%' THEN -1 ELSE 1 END"
#define NO_DURATION(name, form) \
  "'Function `" name "`: \"' || $1 || '\" is no duration as " form ".'"

/* What a text is made of. */
#define WORDS(text) \
  "list_filter(regexp_split_to_array(lower(" text "), '[^\\w]+'), rs_x -> rs_x <> '')"
#define T_WORDS(text) \
  "filter(regexp_split(lower(" text "), '[^\\p{L}\\p{N}_]+'), rs_x -> rs_x <> '')"

/* A typed value is an object, too. */
#define OBJECT_TYPE(j) \
  "lower(coalesce(json_extract_string(" j ", '$$.__rockset_type'), 'object'))"

/* A format in the letters that DuckDB has: %F and its like are several of them. */
#define FORMAT_OF(f) \
  "replace(replace(replace(replace(replace(replace(replace(" f ", '%%', chr(1)), '%F', " \
  "'%Y-%m-%d'), '%R', '%H:%M'), '%D', '%m/%d/%y'), '%e', '%-d'), '%h', '%b'), chr(1), '%%')"

/* A longitude of Trino's, which takes none beyond 180 degrees. */
#define T_TURN(x) \
  "(CASE WHEN abs(" x ") <= 180 THEN CAST(" x " AS double) ELSE " x " - 360 * floor((" x \
  " + 180) / 360e0) END)"

/* A JSON value's place in the order of emit_mixed.c; the greatest or least of them. */
#define JSON_PLACE(x)                                                                              \
  "ROW(CASE json_type(" x ") WHEN 'BOOLEAN' THEN 1 WHEN 'VARCHAR' THEN 3 WHEN 'ARRAY' THEN 4 "     \
  "WHEN 'OBJECT' THEN 5 ELSE 2 END, CASE WHEN json_type(" x ") NOT IN ('BOOLEAN', 'VARCHAR', "     \
  "'ARRAY', 'OBJECT', 'NULL') THEN CAST(" x " AS DOUBLE) END, " x " ->> '$$')"
#define JSON_EXTREME(which) \
  which "(CASE WHEN json_type($1) <> 'NULL' THEN $1 END, " JSON_PLACE("$1") ")$~"
#define JSON_BY(which) \
  which "($1, CASE WHEN json_type($2) <> 'NULL' THEN " JSON_PLACE("$2") " END)$~"

/* The greatest or least element of an array of JSON values. */
#define JSON_ELEMENT(which)                                                                       \
  which "(list_transform(list_filter(" BOX("$1") ", rs_x -> json_type(rs_x) <> 'NULL'), rs_x -> " \
  "{'p': " JSON_PLACE("rs_x") ", 'v': rs_x})).v"

/* The same for Trino, whose lambda reads $1 once. */
#define T_ONE(x, form) "element_at(transform(ARRAY[" x "], rs_j -> " form "), 1)"
/* How long a JSON value is. */
#define JSON_LENGTH \
  "CASE json_type($1) WHEN 'ARRAY' THEN json_array_length($1) WHEN 'OBJECT' THEN " \
  "len(json_keys($1)) ELSE length($1->>'$$') END"
#define T_JSON_LENGTH \
  T_ONE("$1", "CASE substr(json_format(rs_j), 1, 1) WHEN '[' THEN json_array_length(rs_j) WHEN " \
  "'{' THEN cardinality(CAST(rs_j AS map(varchar, json))) ELSE " \
  "length(json_extract_scalar(rs_j, '$$')) END")
#define T_PLACE(x)                                                                                 \
  T_ONE(x, "CASE WHEN json_format(rs_j) <> 'null' THEN ROW(CASE substr(json_format(rs_j), 1, 1) "  \
  "WHEN 't' THEN 1 WHEN 'f' THEN 1 WHEN '\"' THEN 3 WHEN '[' THEN 4 WHEN '{' THEN 5 ELSE 2 END, "  \
  "coalesce(CASE WHEN regexp_like(json_format(rs_j), '^[-0-9]') THEN CAST(rs_j AS double) END, "   \
  "0e0), coalesce(json_extract_scalar(rs_j, '$$'), json_format(rs_j))) END")

#define T_JSON_ELEMENT(which)                                                                 \
  "json_parse(" which "(transform(filter(" T_BOX("$1") ", rs_x -> coalesce(json_format(rs_x), " \
  "'null') <> 'null'), rs_x -> ROW(" T_PLACE("rs_x") ", json_format(rs_x))))[2])"

static const struct rsql_function table[] = {
  {"ABS", 1, 1, NULL, 'n', '1', NULL, NULL},
  {"ACOS", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"ACOSH", 1, 1, NULL, 'n', 'f', NULL, "ln($1 + sqrt($1 * $1 - 1))"},
  {"APPROX_DISTINCT", 1, 2, NULL, 0, 'i', "approx_count_distinct($1)$~", NULL},
  {"APPROX_DOT_PRODUCT", 2, 2, NULL, 0, 'f',
   "list_dot_product(CAST($1 AS DOUBLE[]), CAST($2 AS DOUBLE[]))",
   "dot_product($1, $2)"},
  {"APPROX_EUCLIDEAN_DIST", 2, 2, NULL, 0, 'f',
   "list_distance(CAST($1 AS DOUBLE[]), CAST($2 AS DOUBLE[]))",
   "euclidean_distance($1, $2)"},
  {"ARBITRARY", 1, 1, NULL, 0, '1', "any_value($*)$~", NULL},
  {"ARRAY_AGG", 1, 1, NULL, 0, 'a', NULL, NULL},
  {"ARRAY_CONCAT", 2, 2, ".N", 0, '1', "NULL", "NULL"},
  {"ARRAY_CONCAT", 2, 2, "N", 0, '2', "NULL", "NULL"},
  {"ARRAY_CONCAT", 2, -1, ".LLLLLLL", 0, '1',
   "CASE WHEN ${$? IS NULL| OR } THEN NULL ELSE list_concat($*) END",
   "concat($*)"},
  {"ARRAY_CONCAT", 2, -1, NULL, 0, 'J',
   "CASE WHEN ${$? IS NULL| OR } THEN NULL ELSE list_concat(${" BOX("$?") "|, }) END",
   "concat(${" T_BOX("$?") "|, })"},
  {"ARRAY_CONTAINS", 2, 2, ".N", 0, 'B', "CAST(NULL AS BOOLEAN)", "CAST(NULL AS boolean)"},
  {"ARRAY_CONTAINS", 2, 2, ".E", 0, 'B',
   "list_contains($1, $2)",
   "coalesce(contains($1, $2), $1 IS NULL AND NULL)"},
  // a text is equal to texts alone, so that no element's number need be looked at
  {"ARRAY_CONTAINS", 2, 2, "js", 0, 'B',
   "list_contains(" BOX("$1") ", nullif(to_json($2), CAST('null' AS JSON)))",
   "contains(" T_KEYS("$1") ", " T_KEY_OF("$2") ")"},
  {"ARRAY_CONTAINS", 2, 2, NULL, 0, 'B',
   "list_contains(" KEYS("$1") ", " KEY_OF("$2") ")",
   "contains(" T_KEYS("$1") ", " T_KEY_OF("$2") ")"},
  {"ARRAY_CONTAINS_ANY", 2, 2, ".L", 0, 'B',
   "list_has_any($1, $2)",
   "coalesce(arrays_overlap($1, $2), $1 IS NULL AND NULL OR $2 IS NULL AND NULL)"},
  {"ARRAY_CONTAINS_ANY", 2, 2, NULL, 0, 'B',
   "list_has_any(" KEYS("$1") ", " KEYS("$2") ")",
   "arrays_overlap(" T_KEYS("$1") ", " T_KEYS("$2") ")"},
  {"ARRAY_DISTINCT", 1, 1, "J", 0, 'J',
   "list_transform([" BOX("$1") "], rs_a -> list_transform([list_transform(rs_a, rs_k -> "
   KEY("rs_k") ")], rs_b -> list_filter(rs_a, (rs_x, rs_i) -> list_position(rs_b, rs_b[rs_i]) "
   "= rs_i))[1])[1]",
   T_DISTINCT("$1")},
  {"ARRAY_DISTINCT", 1, 1, "j", 0, 'J',
   "list_transform([" BOX("$1") "], rs_a -> list_transform([list_transform(rs_a, rs_k -> "
   KEY("rs_k") ")], rs_b -> list_filter(rs_a, (rs_x, rs_i) -> list_position(rs_b, rs_b[rs_i]) "
   "= rs_i))[1])[1]",
   T_DISTINCT("$1")},
  {"ARRAY_DISTINCT", 1, 1, NULL, 0, '1',
   "list_transform([$1], rs_a -> list_filter(rs_a, (rs_x, rs_i) -> list_position(rs_a, rs_x) = "
   "rs_i))[1]",
   NULL},
  {"ARRAY_FLATTEN", 1, 1, "J", 0, 'J',
   "flatten(list_transform($1, rs_x -> CAST(rs_x AS JSON[])))",
   "flatten(transform($1, rs_x -> CAST(rs_x AS array(json))))"},
  {"ARRAY_FLATTEN", 1, 1, "j", 0, 'J',
   "flatten(CAST($1 AS JSON[][]))",
   "flatten(CAST($1 AS array(array(json))))"},
  {"ARRAY_FLATTEN", 1, 1, NULL, 0, 'e', "flatten($1)", "flatten($1)"},
  {"ARRAY_JOIN", 2, 2, "j", 0, 's',
   "array_to_string(list_transform(" BOX("$1") ", rs_x -> (rs_x->>'$$')), $2)",
   "array_join(transform(" T_BOX("$1") ", rs_x -> coalesce(TRY_CAST(rs_x AS varchar), "
   "json_format(rs_x))), $2)"},
  {"ARRAY_JOIN", 2, 2, NULL, 0, 's',
   "CASE WHEN $2 IS NOT NULL THEN array_to_string($1, $2) END",
   NULL},
  {"ARRAY_LAST_POSITION", 2, 2, ".N", 0, 'i',
   "coalesce(len(" BOX("$1") ") + 1 - list_position(list_reverse(" KEYS("$1") "), " KEY_OF("$2")
   "), 0)",
   "coalesce(cardinality(" T_BOX("$1") ") + 1 - nullif(array_position(reverse(" T_NULLS("$1") "), "
   "TRUE), 0), 0)"},
  {"ARRAY_LAST_POSITION", 2, 2, ".E", 0, 'i',
   "CASE WHEN $1 IS NOT NULL THEN coalesce(len($1) + 1 - list_position(list_reverse($1), $2), 0) "
   "END",
   "CASE WHEN $1 IS NOT NULL THEN coalesce(cardinality($1) + 1 - "
   "nullif(array_position(reverse($1), $2), 0), 0) END"},
  {"ARRAY_LAST_POSITION", 2, 2, NULL, 0, 'i',
   "coalesce(len(" BOX("$1") ") + 1 - list_position(list_reverse(" KEYS("$1") "), " KEY_OF("$2")
   "), 0)",
   "coalesce(cardinality(" T_BOX("$1") ") + 1 - nullif(array_position(reverse(" T_KEYS("$1") "), "
   T_KEY_OF("$2") "), 0), 0)"},
  {"ARRAY_MAX", 1, 1, "J", 0, 'j', JSON_ELEMENT("list_max"), T_JSON_ELEMENT("array_max")},
  {"ARRAY_MAX", 1, 1, "j", 0, 'j', JSON_ELEMENT("list_max"), T_JSON_ELEMENT("array_max")},
  {"ARRAY_MAX", 1, 1, NULL, 0, 'e', "list_max($1)", NULL},
  {"ARRAY_MIN", 1, 1, "J", 0, 'j', JSON_ELEMENT("list_min"), T_JSON_ELEMENT("array_min")},
  {"ARRAY_MIN", 1, 1, "j", 0, 'j', JSON_ELEMENT("list_min"), T_JSON_ELEMENT("array_min")},
  {"ARRAY_MIN", 1, 1, NULL, 0, 'e', "list_min($1)", NULL},
  {"ARRAY_POSITION", 2, 2, ".N", 0, 'i',
   "CASE WHEN $1 IS NOT NULL THEN coalesce(list_position(" KEYS("$1") ", " KEY_OF("$2") "), 0) END",
   "array_position(" T_NULLS("$1") ", TRUE)"},
  {"ARRAY_POSITION", 2, 2, ".E", 0, 'i',
   "CASE WHEN $1 IS NOT NULL THEN coalesce(list_position($1, $2), 0) END",
   NULL},
  {"ARRAY_POSITION", 2, 2, NULL, 0, 'i',
   "CASE WHEN $1 IS NOT NULL THEN coalesce(list_position(" KEYS("$1") ", " KEY_OF("$2") "), 0) END",
   "array_position(" T_KEYS("$1") ", " T_KEY_OF("$2") ")"},
  {"ARRAY_REMOVE", 2, 2, ".E", 0, '1',
   "list_filter($1, rs_x -> rs_x IS DISTINCT FROM $2)",
   "filter($1, rs_x -> rs_x IS DISTINCT FROM $2)"},
  {"ARRAY_REMOVE", 2, 2, NULL, 0, 'J',
   "list_filter(" BOX("$1") ", rs_x -> " KEY("rs_x") " IS DISTINCT FROM " KEY_OF("$2") ")",
   "filter(" T_BOX("$1") ", rs_x -> " T_KEY("rs_x") " <> " T_KEY_OF("$2") ")"},
  {"ASIN", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"ASINH", 1, 1, NULL, 'n', 'f', NULL, "ln($1 + sqrt($1 * $1 + 1))"},
  {"ATAN", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"ATAN2", 2, 2, NULL, 'n', 'f', NULL, NULL},
  {"ATANH", 1, 1, NULL, 'n', 'f', NULL, "(0.5e0 * ln((1e0 + $1) / (1e0 - $1)))"},
  {"AVG", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"BIT_COUNT", 2, 2, NULL, 'n', 'i',
   "CAST(bit_count(CAST($1 AS HUGEINT) & ((CAST(1 AS HUGEINT) << CAST($2 AS HUGEINT)) - 1)) "
   "AS BIGINT)",
   NULL},
  {"BITWISE_AND_AGG", 1, 1, NULL, 0, 'i', "bit_and($*)$~", NULL},
  {"BITWISE_NOT", 1, 1, NULL, 'n', 'i', "(~$1)", NULL},
  {"BITWISE_OR_AGG", 1, 1, NULL, 0, 'i', "bit_or($*)$~", NULL},
  {"BITWISE_XOR", 2, 2, NULL, 'n', 'i', "xor($1, $2)", NULL},
  {"BOOL_AND", 1, 1, NULL, 0, 'B', NULL, NULL},
  {"BOOL_OR", 1, 1, NULL, 0, 'B', NULL, NULL},
  {"BOOST", 2, 2, NULL, 0, 'B', "($2)", "($2)"},
  {"CARDINALITY", 1, 1, "m", 0, 'i', NULL, NULL},
  {"CARDINALITY", 1, 1, "o", 0, 'i', "len(json_keys(to_json($1)))",
   "cardinality(CAST($1 AS map(varchar, json)))"},
  {"CARDINALITY", 1, 1, "j", 0, 'i', JSON_LENGTH, T_JSON_LENGTH},
  {"CARDINALITY", 1, 1, NULL, 0, 'i', "len($1)", NULL},
  {"CEIL", 1, 1, NULL, 'n', 'f', NULL, "ceil(CAST($1 AS double))"},
  {"CEILING", 1, 1, NULL, 'n', 'f', NULL, "ceiling(CAST($1 AS double))"},
  {"COALESCE", 1, -1, NULL, 0, 'c', NULL, NULL},
  {"CONCAT", 1, -1, NULL, 's', 's', "(${$?| || })", NULL},
  {"CONTAINS", 2, 2, "ss", 's', 'B', NULL, "(strpos($1, $2) > 0)"},
  {"CONTAINS", 2, 3, "j", 0, 'B',
   "CASE coalesce(json_type($1), 'NULL') WHEN 'VARCHAR' THEN contains($1->>'$$', $2) WHEN 'NULL' "
   "THEN NULL WHEN 'ARRAY' THEN list_has_all(CAST($1 AS VARCHAR[]), " WORDS("$2") ") ELSE "
   "error('Function `CONTAINS`: argument 1 must be string or array.') END",
   T_ONE("$1",
     "CASE coalesce(substr(json_format(rs_j), 1, 1), 'n') WHEN '\"' THEN "
     "strpos(json_extract_scalar(rs_j, '$$'), $2) > 0 WHEN 'n' THEN CAST(NULL AS boolean) "
     "WHEN '[' THEN cardinality(array_except(" T_WORDS("$2") ", transform(CAST(rs_j AS "
     "array(json)), rs_k -> json_extract_scalar(rs_k, '$$')))) = 0 ELSE CAST(fail('Function "
     "`CONTAINS`: argument 1 must be string or array.') AS boolean) END")},
  {"CONTAINS", 2, 3, NULL, 's', 'B',
   "list_has_all($1, " WORDS("$2") ")",
   "(cardinality(array_except(" T_WORDS("$2") ", $1)) = 0)"},
  {"COS", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"COSH", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"COSINE_SIM", 2, 2, NULL, 0, 'f',
   "list_cosine_similarity(CAST($1 AS DOUBLE[]), CAST($2 AS DOUBLE[]))",
   "cosine_similarity($1, $2)"},
  {"COUNT", 0, -1, NULL, 0, 'i', NULL, NULL},
  {"COUNT_IF", 1, 1, NULL, 0, 'i', "CAST(coalesce(count_if($*)$~, 0) AS BIGINT)", NULL},
  {"CUME_DIST", 0, 0, NULL, 0, 'f', NULL, NULL},
  {"CURRENT_DATE", 0, 0, NULL, 0, 'd',
   "CAST(now() AT TIME ZONE 'UTC' AS DATE)",
   "CAST(current_timestamp AT TIME ZONE 'UTC' AS date)"},
  {"CURRENT_DATE", 1, 1, "v", 0, 'd',
   "CAST((now() AT TIME ZONE 'UTC') + $1 AS DATE)",
   "CAST(current_timestamp AT TIME ZONE $1 AS date)"},
  {"CURRENT_DATE", 1, 1, NULL, 0, 'd',
   "CAST(now() AT TIME ZONE $1 AS DATE)",
   "CAST(current_timestamp AT TIME ZONE $1 AS date)"},
  {"CURRENT_DATETIME", 0, 0, NULL, 0, 't',
   "(now() AT TIME ZONE 'UTC')",
   "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))"},
  {"CURRENT_DATETIME", 1, 1, "v", 0, 't',
   "((now() AT TIME ZONE 'UTC') + $1)",
   "CAST(current_timestamp AT TIME ZONE $1 AS timestamp(6))"},
  {"CURRENT_DATETIME", 1, 1, NULL, 0, 't',
   "(now() AT TIME ZONE $1)",
   "CAST(current_timestamp AT TIME ZONE $1 AS timestamp(6))"},
  {"CURRENT_TIME", 0, 0, NULL, 0, 'h',
   "CAST(now() AT TIME ZONE 'UTC' AS TIME)",
   "CAST(current_timestamp AT TIME ZONE 'UTC' AS time(6))"},
  {"CURRENT_TIME", 1, 1, "v", 0, 'h',
   "CAST((now() AT TIME ZONE 'UTC') + $1 AS TIME)",
   "CAST(current_timestamp AT TIME ZONE $1 AS time(6))"},
  {"CURRENT_TIME", 1, 1, NULL, 0, 'h',
   "CAST(now() AT TIME ZONE $1 AS TIME)",
   "CAST(current_timestamp AT TIME ZONE $1 AS time(6))"},
  {"CURRENT_TIMESTAMP", 0, 0, NULL, 0, 'z', "now()", "current_timestamp(6)"},
  {"DATE", 1, 1, NULL, 'z', 'd', "CAST($1 AS DATE)", "CAST($1 AS date)"},
  {"DATE", 2, 2, ".v", 'z', 'd',
   "CAST(($1 AT TIME ZONE 'UTC') + $2 AS DATE)",
   "CAST($1 AT TIME ZONE $2 AS date)"},
  {"DATE", 2, 2, NULL, 'z', 'd',
   "CAST($1 AT TIME ZONE $2 AS DATE)",
   "CAST($1 AT TIME ZONE $2 AS date)"},
  {"DATE", 3, 3, NULL, 0, 'd',
   "make_date($1, $2, $3)",
   "date(format('%04d-%02d-%02d', $1, $2, $3))"},
  {"DATE_DIFF", 3, 3, ".dd", 'z', 'i', NULL,
   "date_diff($1, date_trunc($1, CAST($2 AS timestamp(6))), "
   "date_trunc($1, CAST($3 AS timestamp(6))))"},
  {"DATE_DIFF", 3, 3, NULL, 'z', 'i', NULL,
   "date_diff($1, date_trunc($1, $2), date_trunc($1, $3))"},
  {"DATE_PARSE", 2, 2, NULL, 's', 't',
   "CAST(strptime($1, replace(replace($2, '%i', '%M'), '%s', '%S')) AS TIMESTAMP)",
   "CAST(date_parse($1, replace(replace($2, '%M', '%i'), '%S', '%s')) AS timestamp(6))"},
  {"DATE_TRUNC", 2, 2, ".d", 'z', 'd', "CAST(date_trunc($1, $2) AS DATE)", NULL},
  {"DATE_TRUNC", 2, 2, NULL, 'z', '2', NULL, NULL},
  {"DATETIME", 1, 1, NULL, 'z', 't', "CAST($1 AS TIMESTAMP)", "CAST($1 AS timestamp(6))"},
  {"DATETIME", 2, 2, "dh", 'z', 't',
   "($1 + $2)",
   "(CAST($1 AS timestamp(6)) + ($2 - TIME '00:00:00'))"},
  {"DATETIME", 2, 2, ".v", 'z', 't',
   "(($1 AT TIME ZONE 'UTC') + $2)",
   "CAST($1 AT TIME ZONE $2 AS timestamp(6))"},
  {"DATETIME", 2, 2, NULL, 'z', 't',
   "($1 AT TIME ZONE $2)",
   "CAST($1 AT TIME ZONE $2 AS timestamp(6))"},
  {"DATETIME", 6, 6, NULL, 0, 't',
   "make_timestamp($1, $2, $3, $4, $5, $6)",
   "CAST(format('%04d-%02d-%02d %02d:%02d:%02d', $1, $2, $3, $4, $5, $6) AS timestamp(6))"},
  {"DATETIME", 7, 7, NULL, 0, 't',
   "make_timestamp($1, $2, $3, $4, $5, $6 + $7 / 1e6)",
   "CAST(format('%04d-%02d-%02d %02d:%02d:%02d.%06d', $1, $2, $3, $4, $5, $6, $7) AS "
   "timestamp(6))"},
  {"DAYS", 1, 1, NULL, 0, 'v', "to_hours(24 * $1)", "($1 * INTERVAL '1' DAY)"},
  {"DENSE_RANK", 0, 0, NULL, 0, 'i', NULL, NULL},
  {"DOT_PRODUCT", 2, 2, NULL, 0, 'f',
   "list_dot_product(CAST($1 AS DOUBLE[]), CAST($2 AS DOUBLE[]))",
   "dot_product($1, $2)"},
  {"DURATION_MICROS", 1, 1, NULL, 'v', 'i', "epoch_us($1)", "(to_milliseconds($1) * 1000)"},
  {"DURATION_MILLIS", 1, 1, NULL, 'v', 'i', "epoch_ms($1)", "to_milliseconds($1)"},
  {"DURATION_MONTHS", 1, 1, NULL, 'v', 'i',
   "(12 * extract(year FROM $1) + extract(month FROM $1))",
   "(12 * extract(year FROM $1) + extract(month FROM $1))"},
  {"DURATION_SECONDS", 1, 1, NULL, 'v', 'i',
   "(epoch_us($1) // 1000000)",
   "(to_milliseconds($1) / 1000)"},
  {"ELEMENT_AT", 2, 2, ".N", 0, '0', "NULL", "NULL"},
  {"ELEMENT_AT", 2, 2, "js", 0, 'j',
   "json_extract($1, '$$.\"' || $2 || '\"')",
   "json_extract($1, '$$[\"' || $2 || '\"]')"},
  {"ELEMENT_AT", 2, 2, "ji", 0, 'j',
   "list_extract(CAST($1 AS JSON[]), $2)",
   "element_at(CAST($1 AS array(json)), $2)"},
  {"ELEMENT_AT", 2, 2, "li", 0, 'e', "list_extract($1, $2)", NULL},
  {"ELEMENT_AT", 2, 2, "os", 0, '0', "json_extract(to_json($1), '$$.\"' || $2 || '\"')",
   "json_extract(CAST($1 AS json), '$$[\"' || $2 || '\"]')"},
  {"ELEMENT_AT", 2, 2, "m", 0, 'e', "($1)[$2]", NULL},
  {"ELEMENT_AT", 2, 2, NULL, 0, '0', "list_extract($1, $2)", NULL},
  {"ERASE", 2, 2, "ml", 0, '1',
   "map_from_entries(list_filter(map_entries($1), rs_e -> NOT list_contains($2, rs_e.key)))",
   "map_filter($1, (rs_k, rs_v) -> NOT contains($2, rs_k))"},
  {"ERASE", 2, 2, "m.", 0, '1',
   "map_from_entries(list_filter(map_entries($1), rs_e -> rs_e.key <> $2))",
   "map_filter($1, (rs_k, rs_v) -> rs_k <> $2)"},
  {"ERASE", 2, 2, ".l", 0, 'j',
   "to_json(map_from_entries(list_filter(map_entries(CAST(to_json($1) AS MAP(VARCHAR, "
   "JSON))), rs_e -> NOT list_contains($2, rs_e.key))))",
   "CAST(map_filter(" T_MAP("$1") ", (rs_k, rs_v) -> NOT contains($2, rs_k)) AS json)"},
  {"ERASE", 2, 2, NULL, 0, 'j',
   "to_json(map_from_entries(list_filter(map_entries(CAST(to_json($1) AS MAP(VARCHAR, "
   "JSON))), rs_e -> rs_e.key <> $2)))",
   "CAST(map_filter(" T_MAP("$1") ", (rs_k, rs_v) -> rs_k <> $2) AS json)"},
  {"EUCLIDEAN_DIST", 2, 2, NULL, 0, 'f',
   "list_distance(CAST($1 AS DOUBLE[]), CAST($2 AS DOUBLE[]))",
   "euclidean_distance($1, $2)"},
  {"EVERY", 1, 1, NULL, 0, 'B', "bool_and($*)$~", NULL},
  {"EXP", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"FIRST_VALUE", 1, 1, NULL, 0, '1', NULL, NULL},
  {"FLOOR", 1, 1, NULL, 'n', 'f', NULL, "floor(CAST($1 AS double))"},
  {"FORMAT", 1, -1, NULL, 0, 's', NULL, "-"},
  {"FORMAT_DATE", 2, 2, NULL, 'z', 's', "strftime($2, " FORMAT_OF("$1") ")", "-"},
  {"FORMAT_DATETIME", 2, 2, NULL, 'z', 's', "strftime($2, " FORMAT_OF("$1") ")", "-"},
  {"FORMAT_ISO8601", 1, 1, "d", 'z', 's', "strftime($1, '%Y-%m-%d')", "to_iso8601($1)"},
  {"FORMAT_ISO8601", 1, 1, "h", 'z', 's', "CAST($1 AS VARCHAR)",
   "regexp_replace(CAST(CAST($1 AS time(6)) AS varchar), '\\.?0+$$', '')"},
  {"FORMAT_ISO8601", 1, 1, "t", 'z', 's', "strftime($1, '%Y-%m-%dT%H:%M:%S.%f')",
   "to_iso8601(CAST($1 AS timestamp(6)))"},
  {"FORMAT_ISO8601", 1, 1, NULL, 'z', 's',
   "(strftime($1, '%Y-%m-%dT%H:%M:%S.%f') || CASE typeof($1) WHEN 'TIMESTAMP WITH TIME "
   "ZONE' THEN 'Z' ELSE '' END)",
   "to_iso8601(CAST($1 AT TIME ZONE 'UTC' AS timestamp(6) with time zone))"},
  {"FORMAT_ISO8601", 2, 2, NULL, 'z', 's',
   "(strftime($1 AT TIME ZONE $2, '%Y-%m-%dT%H:%M:%S.%f') || printf('%+03d:%02d', "
   "CAST(date_diff('second', $1 AT TIME ZONE 'UTC', $1 AT TIME ZONE $2) AS BIGINT) // 3600, "
   "abs(CAST(date_diff('second', $1 AT TIME ZONE 'UTC', $1 AT TIME ZONE $2) AS BIGINT)) // "
   "60 % 60))",
   "to_iso8601(CAST($1 AT TIME ZONE $2 AS timestamp(6) with time zone))"},
  {"FORMAT_TIME", 2, 2, NULL, 'z', 's',
   "strftime(DATE '1970-01-01' + $2, " FORMAT_OF("$1") ")",
   "-"},
  {"FORMAT_TIMESTAMP", 2, 2, NULL, 'z', 's',
   "strftime($2 AT TIME ZONE 'UTC', " FORMAT_OF("$1") ")",
   "-"},
  {"FORMAT_TIMESTAMP", 3, 3, "..v", 'z', 's',
   "strftime(($2 AT TIME ZONE 'UTC') + $3, " FORMAT_OF("$1") ")",
   "-"},
  {"FORMAT_TIMESTAMP", 3, 3, NULL, 'z', 's',
   "strftime($2 AT TIME ZONE $3, " FORMAT_OF("$1") ")",
   "-"},
  {"FROM_HEX", 1, 1, NULL, 's', 'b', "unhex($1)", NULL},
  {"FROM_UTF8", 1, 1, NULL, 0, 's', "decode($1)",
   "CASE WHEN to_utf8(from_utf8($1)) = $1 THEN from_utf8($1) WHEN $1 IS NOT NULL THEN "
   "fail('The bytes are no UTF-8.') END"},
  {"GEOMETRIC_MEAN", 1, 1, NULL, 0, 'f', "geomean($*)$~", NULL},
  {"GREATEST", 1, -1, NULL, 0, 'c',
   "CASE WHEN ${$? IS NULL| OR } THEN NULL ELSE greatest($*) END",
   NULL},
  {"GROUPING", 1, -1, NULL, 0, 'i', NULL, NULL},
  {"HAS_TERM", 2, 2, ".E", 0, 'B', "list_contains($1, $2)", "contains($1, $2)"},
  {"HAS_TERM", 2, 2, NULL, 0, 'B',
   "list_contains(" KEYS("$1") ", " KEY_OF("$2") ")",
   "contains(" T_KEYS("$1") ", " T_KEY_OF("$2") ")"},
  {"HASH", 2, 2, NULL, 'b', 'b',
   "CASE " DIGEST("$2") " WHEN 'md5' THEN " MD5("$1") " WHEN 'sha1' THEN " SHA1("$1") " WHEN "
   "'sha256' THEN " SHA256("$1") " WHEN 'sha384' THEN " SHA384("$1") " WHEN 'sha512' THEN "
   SHA512("$1") " ELSE CASE WHEN $2 IS NOT NULL THEN error("
   NO_DIGEST("HASH", "decode($2)", "md5, sha1, sha256, sha384, sha512") ") END END",
   "CASE " T_DIGEST("$2") " WHEN 'md5' THEN md5($1) WHEN 'sha1' THEN sha1($1) WHEN 'sha256' THEN "
   "sha256($1) WHEN 'sha512' THEN sha512($1) ELSE CAST(fail("
   NO_DIGEST("HASH", "from_utf8($2)", "md5, sha1, sha256, sha512") ") AS varbinary) END"},
  {"HASH_SHA384", 1, 1, NULL, 'b', 'b', SHA384("$1"), "-"},
  {"HMAC", 3, 3, NULL, 'b', 'b',
   "CASE " DIGEST("$3") " WHEN 'md5' THEN " HMAC(MD5, "64", "128") " WHEN 'sha1' THEN "
   HMAC(SHA1, "64", "128") " WHEN 'sha256' THEN " HMAC(SHA256, "64", "128") " WHEN 'sha384' THEN "
   HMAC(SHA384, "128", "256") " WHEN 'sha512' THEN " HMAC(SHA512, "128", "256") " ELSE CASE WHEN "
   "$3 IS NOT NULL THEN error("
   NO_DIGEST("HMAC", "decode($3)", "md5, sha1, sha256, sha384, sha512") ") END END",
   "CASE " T_DIGEST("$3") " WHEN 'md5' THEN hmac_md5($1, $2) WHEN 'sha1' THEN hmac_sha1($1, $2) "
   "WHEN 'sha256' THEN hmac_sha256($1, $2) WHEN 'sha512' THEN hmac_sha512($1, $2) ELSE CAST(fail("
   NO_DIGEST("HMAC", "from_utf8($3)", "md5, sha1, sha256, sha512") ") AS varbinary) END"},
  {"HMAC_MD5", 2, 2, NULL, 'b', 'b', HMAC(MD5, "64", "128"), "hmac_md5($1, $2)"},
  {"HMAC_SHA1", 2, 2, NULL, 'b', 'b', HMAC(SHA1, "64", "128"), "hmac_sha1($1, $2)"},
  {"HMAC_SHA256", 2, 2, NULL, 'b', 'b', HMAC(SHA256, "64", "128"), "hmac_sha256($1, $2)"},
  {"HMAC_SHA384", 2, 2, NULL, 'b', 'b', HMAC(SHA384, "128", "256"), "-"},
  {"HMAC_SHA512", 2, 2, NULL, 'b', 'b', HMAC(SHA512, "128", "256"), "hmac_sha512($1, $2)"},
  {"HOURS", 1, 1, NULL, 0, 'v', "to_hours($1)", "($1 * INTERVAL '1' HOUR)"},
  {"HYPOT", 2, 2, NULL, 'n', 'f', "sqrt(pow($1, 2) + pow($2, 2))", "sqrt(pow($1, 2) + pow($2, 2))"},
  {"ID_HASH", 1, -1, NULL, 0, 's', "md5(CAST(json_array(${$?|, }) AS VARCHAR))",
   "lower(to_hex(md5(to_utf8(json_format(CAST(ARRAY[${CAST($? AS json)|, }] AS json))))))"},
  {"IF", 2, 2, NULL, 0, '2', "CASE WHEN $1 THEN $2 END", NULL},
  {"IF", 3, 3, NULL, 0, 'C', NULL, NULL},
  {"IS_NAN", 1, 1, NULL, 'n', 'B', "isnan($1)", NULL},
  {"IS_SCALAR", 1, 1, "j", 0, 'B',
   "coalesce(json_type($1) NOT IN ('ARRAY', 'OBJECT', 'NULL') OR json_extract_string($1, "
   "'$$.__rockset_type') IS NOT NULL, false)",
   "coalesce(substr(json_format($1), 1, 1) NOT IN ('[', '{', 'n') OR json_extract_scalar($1, "
   "'$$.__rockset_type') IS NOT NULL, FALSE)"},
  {"IS_SCALAR", 1, 1, NULL, 0, 'B',
   "($1 IS NOT NULL AND NOT regexp_matches(typeof($1), '\\]$$|^STRUCT|^MAP'))",
   "($1 IS NOT NULL AND NOT regexp_like(typeof($1), '^(array|row|map)'))"},
  {"ITEMS", 1, 1, NULL, 0, 'J',
   "list_transform(map_entries(CAST(to_json($1) AS MAP(VARCHAR, JSON))), rs_e -> "
   "json_array(rs_e.key, rs_e.value))",
   "transform(map_entries(" T_MAP("$1") "), rs_e -> CAST(ARRAY[CAST(rs_e[1] AS json), rs_e[2]] AS "
   "json))"},
  {"JSON_FORMAT", 1, 1, NULL, 0, 's',
   "CAST(to_json($1) AS VARCHAR)",
   "json_format(CAST($1 AS JSON))"},
  {"JSON_PARSE", 1, 1, NULL, 0, 'j', "CAST($1 AS JSON)", NULL},
  {"KEYS", 1, 1, "m", 0, 'S', "map_keys($1)", "map_keys($1)"},
  {"KEYS", 1, 1, NULL, 0, 'S',
   "json_keys(to_json($1))",
   "map_keys(CAST($1 AS map(varchar, json)))"},
  {"LAG", 1, 3, NULL, 0, '1', NULL, NULL},
  {"LAST_VALUE", 1, 1, NULL, 0, '1', NULL, NULL},
  {"LEAD", 1, 3, NULL, 0, '1', NULL, NULL},
  {"LEAST", 1, -1, NULL, 0, 'c', "CASE WHEN ${$? IS NULL| OR } THEN NULL ELSE least($*) END", NULL},
  {"LENGTH", 1, 1, "b", 0, 'i', "octet_length($1)", NULL},
  {"LENGTH", 1, 1, "l", 0, 'i', "len($1)", "cardinality($1)"},
  {"LENGTH", 1, 1, "m", 0, 'i', "cardinality($1)", "cardinality($1)"},
  {"LENGTH", 1, 1, "o", 0, 'i', "len(json_keys(to_json($1)))",
   "cardinality(CAST($1 AS map(varchar, json)))"},
  {"LENGTH", 1, 1, "j", 0, 'i', JSON_LENGTH, T_JSON_LENGTH},
  {"LENGTH", 1, 1, NULL, 0, 'i', NULL, NULL},
  {"LN", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"LOCALTIME", 0, 0, NULL, 0, 'h', "CAST(now() AT TIME ZONE 'UTC' AS TIME)", NULL},
  {"LOCALTIMESTAMP", 0, 0, NULL, 0, 't', "(now() AT TIME ZONE 'UTC')", NULL},
  {"LOG10", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"LOG2", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"LOWER", 1, 1, NULL, 's', 's', NULL, NULL},
  {"LTRIM", 1, 1, NULL, 's', 's', "ltrim($1, e' \\t\\n\\r\\f\\v')", NULL},
  {"LTRIM", 2, 2, NULL, 's', 's', NULL, NULL},
  {"MAX", 1, 1, "j", 0, 'j', JSON_EXTREME("arg_max"), "max_by($1, " T_PLACE("$1") ")$~"},
  {"MAX", 1, 1, NULL, 0, '1', NULL, NULL},
  {"MAX_BY", 2, 2, ".j", 0, '1', JSON_BY("max_by"), "max_by($1, " T_PLACE("$2") ")$~"},
  {"MAX_BY", 2, 3, NULL, 0, '1', NULL, NULL},
  {"MD5", 1, 1, NULL, 'b', 'b', MD5("$1"), "md5($1)"},
  {"MERGE", 2, 2, "mm", 0, '1', "map_concat($1, $2)", "map_concat($1, $2)"},
  {"MERGE", 2, 2, NULL, 0, 'j',
   "to_json(map_concat(CAST(to_json($1) AS MAP(VARCHAR, JSON)), CAST(to_json($2) AS "
   "MAP(VARCHAR, JSON))))",
   "CAST(map_concat(" T_MAP("$1") ", " T_MAP("$2") ") AS json)"},
  {"MICROSECONDS", 1, 1, NULL, 0, 'v', "to_microseconds($1)", "-"},
  {"MILLISECONDS", 1, 1, NULL, 0, 'v', "to_milliseconds($1)", "($1 * INTERVAL '0.001' SECOND)"},
  {"MIN", 1, 1, "j", 0, 'j', JSON_EXTREME("arg_min"), "min_by($1, " T_PLACE("$1") ")$~"},
  {"MIN", 1, 1, NULL, 0, '1', NULL, NULL},
  {"MIN_BY", 2, 2, ".j", 0, '1', JSON_BY("min_by"), "min_by($1, " T_PLACE("$2") ")$~"},
  {"MIN_BY", 2, 3, NULL, 0, '1', NULL, NULL},
  {"MINUTES", 1, 1, NULL, 0, 'v', "to_minutes($1)", "($1 * INTERVAL '1' MINUTE)"},
  {"MONTHS", 1, 1, NULL, 0, 'V', "to_months($1)", "($1 * INTERVAL '1' MONTH)"},
  {"NORMALIZE", 1, 1, NULL, 's', 's', "nfc_normalize($1)", NULL},
  {"NORMALIZE_FORM", 2, 2, NULL, 's', 's',
   "CASE WHEN regexp_full_match($1, '[\\x00-\\x7f]*') THEN $1 WHEN $1 IS NOT NULL THEN error("
   "'Function `NORMALIZE`: of a text beyond ASCII there is no ' || $2 || ' here: NFC is.') END",
   "CASE $2 WHEN 'NFD' THEN normalize($1, NFD) WHEN 'NFKC' THEN normalize($1, NFKC) WHEN 'NFKD' "
   "THEN normalize($1, NFKD) END"},
  {"NOW", 0, 0, NULL, 0, 'z', NULL, NULL},
  {"NTH_VALUE", 2, 2, NULL, 0, '1', NULL, NULL},
  {"NTILE", 1, 1, NULL, 0, 'i', NULL, NULL},
  {"NULLIF", 2, 2, NULL, 0, '1', NULL, NULL},
  {"OBJECT", 0, 0, NULL, 0, 'm', "MAP {}", "map(ARRAY[], ARRAY[])"},
  {"OBJECT", 2, 2, ".j", 0, 'j',
   "to_json(map($1, CAST($2 AS JSON[])))",
   "CAST(map($1, CAST($2 AS array(json))) AS json)"},
  {"OBJECT", 2, 2, NULL, 0, 'm', "map($1, $2)", "map($1, $2)"},
  {"PARSE_DATE", 2, 2, NULL, 0, 'd', "CAST(strptime($2, " FORMAT_OF("$1") ") AS DATE)", "-"},
  {"PARSE_DATE_ISO8601", 1, 1, NULL, 0, 'd', "CAST($1 AS DATE)", "from_iso8601_date($1)"},
  {"PARSE_DATETIME", 2, 2, NULL, 0, 't',
   "CAST(strptime($2, " FORMAT_OF("$1") ") AS TIMESTAMP)",
   "-"},
  {"PARSE_DATETIME_ISO8601", 1, 1, NULL, 0, 't',
   "CAST($1 AS TIMESTAMP)",
   "CAST(from_iso8601_timestamp_nanos($1) AS timestamp(6))"},
  {"PARSE_DURATION_MONTHS", 1, 1, "N", 0, 'V', "CAST(NULL AS INTERVAL)",
   "CAST(NULL AS interval year to month)"},
  {"PARSE_DURATION_MONTHS", 1, 1, NULL, 's', 'V',
   "CASE WHEN regexp_matches($1, " MONTHS ") AND regexp_matches($1, '[YM]$$') THEN "
   "to_months(CAST(" MONTHS_OF " * " SIGN_OF " AS INTEGER)) WHEN $1 IS NOT NULL THEN error("
   NO_DURATION("PARSE_DURATION_MONTHS", "P1Y2M") ") END",
   "CASE WHEN regexp_like($1, " MONTHS ") AND regexp_like($1, '[YM]$$') THEN " MONTHS_OF " * "
   SIGN_OF " * INTERVAL '1' MONTH WHEN $1 IS NOT NULL THEN fail("
   NO_DURATION("PARSE_DURATION_MONTHS", "P1Y2M") ") END"},
  {"PARSE_DURATION_SECONDS", 1, 1, "N", 0, 'v', "CAST(NULL AS INTERVAL)",
   "CAST(NULL AS interval day to second)"},
  {"PARSE_DURATION_SECONDS", 1, 1, NULL, 's', 'v',
   "CASE WHEN regexp_matches($1, " SECONDS ") AND regexp_matches($1, '[WDHMS]$$') THEN "
   "to_microseconds(CAST(round(" SECONDS_OF("DOUBLE") " * 1e6) AS BIGINT) * " SIGN_OF ") WHEN $1 "
   "IS NOT NULL THEN error(" NO_DURATION("PARSE_DURATION_SECONDS", "P1DT2H3M4.5S") ") END",
   "CASE WHEN regexp_like($1, " SECONDS ") AND regexp_like($1, '[WDHMS]$$') THEN "
   "CAST(round(" SECONDS_OF("double") " * 1e3) AS bigint) * " SIGN_OF " * INTERVAL '0.001' SECOND "
   "WHEN $1 IS NOT NULL THEN fail(" NO_DURATION("PARSE_DURATION_SECONDS", "P1DT2H3M4.5S") ") END"},
  {"PARSE_TIME", 2, 2, NULL, 0, 'h', "CAST(strptime($2, " FORMAT_OF("$1") ") AS TIME)", "-"},
  {"PARSE_TIME_ISO8601", 1, 1, NULL, 0, 'h', "CAST($1 AS TIME)", "CAST($1 AS time(6))"},
  {"PARSE_TIMESTAMP", 2, 2, NULL, 0, 'z',
   "CAST(strptime($2, " FORMAT_OF("$1") ") AS TIMESTAMPTZ)",
   "-"},
  {"PARSE_TIMESTAMP", 3, 3, NULL, 0, 'z',
   "(strptime($2, " FORMAT_OF("$1") ") AT TIME ZONE $3)",
   "-"},
  {"PARSE_TIMESTAMP_ISO8601", 1, 1, NULL, 0, 'z',
   "CAST($1 AS TIMESTAMPTZ)",
   "from_iso8601_timestamp_nanos($1)"},
  {"PERCENT_RANK", 0, 0, NULL, 0, 'f', NULL, NULL},
  {"POW", 2, 2, NULL, 'n', 'f', NULL, NULL},
  {"POWER", 2, 2, NULL, 'n', 'f', NULL, NULL},
  {"PREFIXES", 2, 2, NULL, 's', 'S',
   "list_transform(range($2, length($1) + 1), rs_i -> substr($1, 1, CAST(rs_i AS BIGINT)))",
   "transform(sequence($2, length($1)), rs_i -> substr($1, 1, rs_i))"},
  {"PROXIMITY", 1, -1, NULL, 0, 'B', "(${$?| AND })", "(${$?| AND })"},
  {"PROXIMITY_BOOST", 2, 2, NULL, 0, 'B', "($2)", "($2)"},
  {"RANK", 0, 0, NULL, 0, 'i', NULL, NULL},
  {"REGEXP_EXTRACT", 2, 2, NULL, 's', 's',
   "CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2) END",
   NULL},
  {"REGEXP_EXTRACT", 3, 3, NULL, 's', 's',
   "CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2, $3) END",
   "CASE WHEN regexp_like($1, $2) THEN coalesce(regexp_extract($1, $2, $3), '') END"},
  {"REGEXP_EXTRACT_ALL", 2, 3, NULL, 's', 'S', NULL, NULL},
  {"REGEXP_LIKE", 2, 2, NULL, 's', 'B', "regexp_matches($1, $2)", NULL},
  {"REGEXP_REPLACE", 2, 2, NULL, 's', 's', "regexp_replace($1, $2, '', 'g')", NULL},
  {"REGEXP_REPLACE", 3, 3, NULL, 's', 's',
   "regexp_replace($1, $2, $3, 'g')",
   "regexp_replace($1, $2, regexp_replace($3, '\\\\([0-9])', '\\$$$$1'))"},
  {"REGEXP_SPLIT", 2, 2, NULL, 's', 'S',
   "CASE WHEN $2 IS NOT NULL THEN string_split_regex($1, $2) END",
   NULL},
  {"REPLACE", 2, 2, NULL, 's', 's', "replace($1, $2, '')", NULL},
  {"REPLACE", 3, 3, NULL, 's', 's', NULL, NULL},
  {"ROUND", 1, 1, NULL, 'n', 'f', "CAST(round($1) AS DOUBLE)", "round(CAST($1 AS double))"},
  {"ROUND", 2, 2, NULL, 'n', 'f', NULL, NULL},
  {"ROW_NUMBER", 0, 0, NULL, 0, 'i', NULL, NULL},
  {"RTRIM", 1, 1, NULL, 's', 's', "rtrim($1, e' \\t\\n\\r\\f\\v')", NULL},
  {"RTRIM", 2, 2, NULL, 's', 's', NULL, NULL},
  {"SCORE", 0, 0, NULL, 0, 'f', "-", "-"},
  {"SEARCH", 1, -1, NULL, 0, 'B', "(${$?| AND })", "(${$?| AND })"},
  {"SECONDS", 1, 1, NULL, 0, 'v', "to_seconds($1)", "($1 * INTERVAL '1' SECOND)"},
  {"SHA1", 1, 1, NULL, 'b', 'b', SHA1("$1"), "sha1($1)"},
  {"SHA256", 1, 1, NULL, 'b', 'b', SHA256("$1"), "sha256($1)"},
  {"SHA512", 1, 1, NULL, 'b', 'b', SHA512("$1"), "sha512($1)"},
  {"SIGN", 1, 1, NULL, 'n', 'i', "CAST(sign($1) AS BIGINT)", "CAST(sign($1) AS bigint)"},
  {"SIN", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"SINH", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"SLICE", 2, 2, "j", 0, 'J',
   "list_transform([CAST($1 AS JSON[])], rs_a -> CASE WHEN $2 > 0 THEN rs_a[$2 :] ELSE "
   "rs_a[len(rs_a) + $2 + 1 :] END)[1]",
   "slice(" T_BOX("$1") ", $2, cardinality(" T_BOX("$1") "))"},
  {"SLICE", 2, 2, NULL, 0, '1',
   "CASE WHEN $2 > 0 THEN ($1)[$2 :] ELSE ($1)[len($1) + $2 + 1 :] END",
   "slice($1, $2, cardinality($1))"},
  {"SLICE", 3, 3, "j", 0, 'J',
   "list_transform([CAST($1 AS JSON[])], rs_a -> CASE WHEN $2 > 0 THEN rs_a[$2 : $2 + $3 - 1] "
   "ELSE rs_a[len(rs_a) + $2 + 1 : least(len(rs_a), len(rs_a) + $2 + $3)] END)[1]",
   "slice(" T_BOX("$1") ", $2, $3)"},
  {"SLICE", 3, 3, NULL, 0, '1',
   "CASE WHEN $2 > 0 THEN ($1)[$2 : $2 + $3 - 1] ELSE ($1)[len($1) + $2 + 1 : "
   "least(len($1), len($1) + $2 + $3)] END",
   NULL},
  {"SPLIT", 2, 2, NULL, 's', 'S', "CASE WHEN $2 IS NOT NULL THEN string_split($1, $2) END", NULL},
  {"SPLIT", 3, 3, NULL, 's', 'S',
   "list_transform([string_split($1, $2)], rs_v -> CASE WHEN len(rs_v) <= $3 THEN rs_v ELSE "
   "list_append(rs_v[:$3 - 1], array_to_string(rs_v[$3:], $2)) END)[1]",
   NULL},
  {"SQRT", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"ST_ASTEXT", 1, 1, "N", 0, 's', "CAST(NULL AS VARCHAR)", "CAST(NULL AS varchar)"},
  {"ST_ASTEXT", 1, 1, NULL, 0, 's', GEO_TEXT("$1"), "st_astext(to_geometry($1))"},
  {"ST_CONTAINS", 2, 2, "N", 0, 'B', "CAST(NULL AS BOOLEAN)", "CAST(NULL AS boolean)"},
  {"ST_CONTAINS", 2, 2, ".N", 0, 'B', "CAST(NULL AS BOOLEAN)", "CAST(NULL AS boolean)"},
  {"ST_CONTAINS", 2, 2, NULL, 0, 'B',
   GEO_CONTAINS("$1", "$2"),
   "st_contains(to_geometry($1), to_geometry($2))"},
  {"ST_DISTANCE", 2, 2, "N", 0, 'f', "CAST(NULL AS DOUBLE)", "CAST(NULL AS double)"},
  {"ST_DISTANCE", 2, 2, ".N", 0, 'f', "CAST(NULL AS DOUBLE)", "CAST(NULL AS double)"},
  {"ST_DISTANCE", 2, 2, NULL, 0, 'f', GEO_DISTANCE("$1", "$2"), "st_distance($1, $2)"},
  {"ST_GEOGFROMTEXT", 1, 1, NULL, 's', 'j',
   GEO_FROM_TEXT("$1"),
   "to_spherical_geography(st_geometryfromtext($1))"},
  {"ST_GEOGPOINT", 2, 2, NULL, 'n', 'j',
   GEO_FROM_POINT("$1", "$2"),
   "to_spherical_geography(st_point(" T_TURN("$1") ", CAST($2 AS double)))"},
  {"ST_INTERSECTS", 2, 2, "N", 0, 'B', "CAST(NULL AS BOOLEAN)", "CAST(NULL AS boolean)"},
  {"ST_INTERSECTS", 2, 2, ".N", 0, 'B', "CAST(NULL AS BOOLEAN)", "CAST(NULL AS boolean)"},
  {"ST_INTERSECTS", 2, 2, NULL, 0, 'B',
   GEO_INTERSECTS("$1", "$2"),
   "st_intersects(to_geometry($1), to_geometry($2))"},
  {"ST_X", 1, 1, "N", 0, 'f', "CAST(NULL AS DOUBLE)", "CAST(NULL AS double)"},
  {"ST_X", 1, 1, NULL, 0, 'f', GEO_COORDINATE("ST_X", "$1", "1"), "st_x(to_geometry($1))"},
  {"ST_Y", 1, 1, "N", 0, 'f', "CAST(NULL AS DOUBLE)", "CAST(NULL AS double)"},
  {"ST_Y", 1, 1, NULL, 0, 'f', GEO_COORDINATE("ST_Y", "$1", "2"), "st_y(to_geometry($1))"},
  {"STDDEV_SAMP", 1, 1, NULL, 0, 'f', NULL, NULL},
  {"STRPOS", 2, 2, NULL, 's', 'i', NULL, NULL},
  {"SUBSTR", 2, 3, NULL, 's', 's', NULL, NULL},
  {"SUBSTRING", 2, 3, NULL, 's', 's', NULL, NULL},
  {"SUM", 1, 1, "u", 0, 'u', "CAST(sum($*)$~ AS UHUGEINT)", "-"},
  {"SUM", 1, 1, "i", 0, 'i', "CAST(sum($*)$~ AS BIGINT)", NULL},
  {"SUM", 1, 1, "j", 'n', 'f', NULL, NULL},
  {"SUM", 1, 1, NULL, 'n', '1', NULL, NULL},
  {"TAN", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"TANH", 1, 1, NULL, 'n', 'f', NULL, NULL},
  {"TIME", 1, 1, "z", 'z', 'h',
   "CAST($1 AT TIME ZONE 'UTC' AS TIME)",
   "CAST($1 AT TIME ZONE 'UTC' AS time(6))"},
  {"TIME", 1, 1, NULL, 'z', 'h', "CAST($1 AS TIME)", "CAST($1 AS time(6))"},
  {"TIME", 2, 2, ".v", 'z', 'h',
   "CAST(($1 AT TIME ZONE 'UTC') + $2 AS TIME)",
   "CAST($1 AT TIME ZONE $2 AS time(6))"},
  {"TIME", 2, 2, NULL, 'z', 'h',
   "CAST($1 AT TIME ZONE $2 AS TIME)",
   "CAST($1 AT TIME ZONE $2 AS time(6))"},
  {"TIME", 3, 3, NULL, 0, 'h',
   "make_time($1, $2, $3)",
   "CAST(format('%02d:%02d:%02d', $1, $2, $3) AS time(6))"},
  {"TIME", 4, 4, NULL, 0, 'h',
   "make_time($1, $2, $3 + $4 / 1e6)",
   "CAST(format('%02d:%02d:%02d.%06d', $1, $2, $3, $4) AS time(6))"},
  {"TIME_BUCKET", 2, 2, ".d", 'z', 'd',
   "CAST(time_bucket($1, $2, DATE '1970-01-01') AS DATE)",
   "-"},
  {"TIME_BUCKET", 2, 2, ".t", 'z', 't',
   "time_bucket($1, $2, TIMESTAMP '1970-01-01 00:00:00')",
   "-"},
  {"TIME_BUCKET", 2, 2, NULL, 'z', 'z',
   "time_bucket($1, CAST($2 AS TIMESTAMPTZ), TIMESTAMPTZ '1970-01-01 00:00:00+00')",
   "-"},
  {"TIME_BUCKET", 3, 3, NULL, 'z', '2', NULL, "-"},
  {"TIMESTAMP_MICROS", 1, 1, NULL, 0, 'z',
   "make_timestamptz(CAST($1 AS BIGINT))",
   "from_unixtime_nanos(CAST($1 AS bigint) * 1000)"},
  {"TIMESTAMP_MILLIS", 1, 1, NULL, 0, 'z',
   "make_timestamptz(CAST($1 AS BIGINT) * 1000)",
   "from_unixtime_nanos(CAST($1 AS bigint) * 1000000)"},
  {"TIMESTAMP_SECONDS", 1, 1, NULL, 0, 'z',
   "make_timestamptz(CAST($1 AS BIGINT) * 1000000)",
   "from_unixtime_nanos(CAST($1 AS bigint) * 1000000000)"},
  {"TO_HEX", 1, 1, NULL, 0, 's', "hex($1)", NULL},
  {"TO_UTF8", 1, 1, NULL, 's', 'b', "encode($1)", NULL},
  {"TOKENIZE", 1, 2, NULL, 's', 'S',
   WORDS("$1"), T_WORDS("$1")},
  {"TRIM", 1, 1, NULL, 's', 's', "trim($1, e' \\t\\n\\r\\f\\v')", NULL},
  {"TRIM", 2, 2, NULL, 's', 's', NULL, NULL},
  {"TRUNC", 1, 1, NULL, 'n', 'f', "CAST(trunc($1) AS DOUBLE)", "truncate(CAST($1 AS double))"},
  {"TRUNCATE", 1, 1, NULL, 'n', 'f', "CAST(trunc($1) AS DOUBLE)", "truncate(CAST($1 AS double))"},
  {"TRY", 1, 1, NULL, 0, '1', NULL, NULL},
  {"TYPEOF", 1, 1, "j", 0, 's',
   "CASE json_type($1) WHEN 'NULL' THEN 'null' WHEN 'BIGINT' THEN 'int' WHEN 'UBIGINT' THEN "
   "'int' WHEN 'DOUBLE' THEN 'float' WHEN 'BOOLEAN' THEN 'bool' WHEN 'VARCHAR' THEN "
   "'string' WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN " OBJECT_TYPE("$1")
   " ELSE 'undefined' END",
   T_ONE("$1", "CASE substr(json_format(rs_j), 1, 1) WHEN '[' THEN 'array' WHEN '{' THEN "
   "lower(coalesce(json_extract_scalar(rs_j, '$$.__rockset_type'), 'object')) WHEN '\"' THEN "
   "'string' WHEN 't' THEN 'bool' WHEN 'f' THEN 'bool' WHEN 'n' THEN 'null' ELSE CASE WHEN rs_j IS "
   "NULL THEN 'undefined' WHEN regexp_like(json_format(rs_j), '[.eE]') THEN 'float' ELSE 'int' "
   "END END")},
  {"TYPEOF", 1, 1, "i", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'int' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'int' END"},
  {"TYPEOF", 1, 1, "f", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'float' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'float' END"},
  {"TYPEOF", 1, 1, "s", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'string' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'string' END"},
  {"TYPEOF", 1, 1, "b", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'bytes' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'bytes' END"},
  {"TYPEOF", 1, 1, "B", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'bool' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'bool' END"},
  {"TYPEOF", 1, 1, "d", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'date' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'date' END"},
  {"TYPEOF", 1, 1, "t", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'datetime' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'datetime' END"},
  {"TYPEOF", 1, 1, "z", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'timestamp' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'timestamp' END"},
  {"TYPEOF", 1, 1, "h", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'time' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'time' END"},
  {"TYPEOF", 1, 1, "V", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'month_interval' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'month_interval' END"},
  {"TYPEOF", 1, 1, "v", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'microsecond_interval' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'microsecond_interval' END"},
  {"TYPEOF", 1, 1, "l", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'array' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'array' END"},
  {"TYPEOF", 1, 1, "o", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE " OBJECT_TYPE("to_json($1)") " END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'object' END"},
  {"TYPEOF", 1, 1, "u", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'u256' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'u256' END"},
  {"TYPEOF", 1, 1, "m", 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'object' END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE 'object' END"},
  {"TYPEOF", 1, 1, NULL, 0, 's',
   "CASE WHEN $1 IS NULL THEN 'null' WHEN typeof($1) LIKE '%]' THEN 'array' ELSE CASE "
   "regexp_extract(typeof($1), '^[A-Z0-9_ ]+') WHEN 'BIGINT' THEN 'int' WHEN 'INTEGER' THEN "
   "'int' WHEN 'SMALLINT' THEN 'int' WHEN 'TINYINT' THEN 'int' WHEN 'UBIGINT' THEN 'int' "
   "WHEN 'UINTEGER' THEN 'int' WHEN 'USMALLINT' THEN 'int' WHEN 'UTINYINT' THEN 'int' WHEN "
   "'HUGEINT' THEN 'int' WHEN 'UHUGEINT' THEN 'u256' WHEN 'DOUBLE' THEN 'float' WHEN 'FLOAT' "
   "THEN 'float' WHEN 'DECIMAL' THEN 'float' WHEN 'BOOLEAN' THEN 'bool' WHEN 'VARCHAR' THEN "
   "'string' WHEN 'UUID' THEN 'string' WHEN 'ENUM' THEN 'string' WHEN 'BLOB' THEN 'bytes' "
   "WHEN 'DATE' THEN 'date' WHEN 'TIME' THEN 'time' WHEN 'TIMESTAMP' THEN 'datetime' WHEN "
   "'TIMESTAMP_S' THEN 'datetime' WHEN 'TIMESTAMP_MS' THEN 'datetime' WHEN 'TIMESTAMP_NS' "
   "THEN 'datetime' WHEN 'TIMESTAMP WITH TIME ZONE' THEN 'timestamp' WHEN 'INTERVAL' THEN "
   "'microsecond_interval' WHEN 'STRUCT' THEN 'object' WHEN 'MAP' THEN 'object' ELSE "
   "lower(typeof($1)) END END",
   "CASE WHEN $1 IS NULL THEN 'null' ELSE CASE regexp_extract(typeof($1), '^[a-z]+') WHEN "
   "'bigint' THEN 'int' WHEN 'integer' THEN 'int' WHEN 'double' THEN 'float' WHEN 'boolean' "
   "THEN 'bool' WHEN 'varchar' THEN 'string' WHEN 'varbinary' THEN 'bytes' WHEN 'timestamp' "
   "THEN CASE WHEN typeof($1) LIKE '%zone' THEN 'timestamp' ELSE 'datetime' END WHEN 'row' "
   "THEN 'object' WHEN 'map' THEN 'object' ELSE CASE typeof($1) WHEN 'SphericalGeography' THEN "
   "'geography' ELSE regexp_extract(typeof($1), '^[a-z]+') END END "
   "END"},
  {"UNIX_MICROS", 1, 1, NULL, 'z', 'i',
   "epoch_us($1)",
   "CAST(round(to_unixtime($1) * 1000000) AS bigint)"},
  {"UNIX_MILLIS", 1, 1, NULL, 'z', 'i',
   "epoch_ms($1)",
   "CAST(floor(to_unixtime($1) * 1000) AS bigint)"},
  {"UNIX_SECONDS", 1, 1, NULL, 'z', 'i',
   "CAST(floor(epoch($1)) AS BIGINT)",
   "CAST(floor(to_unixtime($1)) AS bigint)"},
  {"UPPER", 1, 1, NULL, 's', 's', NULL, NULL},
  {"VALUES", 1, 1, "m", 0, 'l', "map_values($1)", "map_values($1)"},
  {"VALUES", 1, 1, NULL, 0, 'J',
   "json_extract(to_json($1), '$$.*')",
   "map_values(CAST($1 AS map(varchar, json)))"},
  {"VECTOR_ADD", 2, 2, ".n", 0, '1',
   "list_transform($1, rs_x -> rs_x + $2)",
   "transform($1, rs_x -> rs_x + $2)"},
  {"VECTOR_ADD", 2, 2, NULL, 0, '1',
   "CASE WHEN len($1) = len($2) THEN list_transform(list_zip($1, $2), rs_x -> rs_x[1] + "
   "rs_x[2]) ELSE error('Function `VECTOR_ADD`: the arrays differ in length.') END",
   "CASE WHEN cardinality($1) = cardinality($2) THEN zip_with($1, $2, (rs_x, rs_y) -> rs_x + rs_y) "
   "WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN fail('Function `VECTOR_ADD`: the arrays differ in "
   "length.') END"},
  {"VECTOR_ENFORCE", 3, 3, NULL, 0, '1',
   "CASE WHEN len($1) = $2 AND regexp_matches(typeof($1), CASE $3 WHEN 'int' THEN 'INT' "
   "WHEN 'float' THEN 'DOUBLE|FLOAT|DECIMAL' END) THEN $1 END",
   "CASE WHEN cardinality($1) = $2 THEN $1 END"},
  {"YEARS", 1, 1, NULL, 0, 'V', "to_years($1)", "($1 * INTERVAL '1' YEAR)"},
  {"ZIP", 1, 1, "J", 0, 'j',
   "to_json(map_from_entries(list_transform($1, rs_x -> struct_pack(k := rs_x->>0, v := "
   "rs_x->1))))",
   "-"},
  {"ZIP", 1, 1, NULL, 0, 'm',
   "map_from_entries(list_transform($1, rs_x -> struct_pack(k := rs_x[1], v := rs_x[2])))",
   "-"},
};
// clang-format on

const struct rsql_function *rs_rsql_functions(size_t *n)
{
  *n = sizeof table / sizeof table[0];
  return table;
}
