/*
** Parts of the forms of function_table.c: what several functions have in common. T_ is of Trino,
** the others are of DuckDB.
*/
#ifndef RS_RSQL_FUNCTION_FORMS_H
#define RS_RSQL_FUNCTION_FORMS_H
#include "geo_forms.h"
#include "sha512_form.h"
#include "time_forms.h"

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

/* Where Trino gives NaN or infinity, and DuckDB an error. */
#define T_WITHIN(name, outside, form) \
  "CASE WHEN " outside " THEN fail('Function `" name "` is not defined for ' || CAST($1 AS " \
  "varchar) || '.') ELSE " form " END"

/* An interval of so many milliseconds each, the shortest that Trino has. */
#define T_NO_PART(name) "'Function `" name "`: there is no part of a millisecond on Trino.'"
#define T_SPAN(name, millis) \
  "CASE WHEN abs(round($1 * " millis "e0) - $1 * " millis "e0) > 1e-6 THEN fail(" T_NO_PART(name) \
  ") ELSE CAST(round($1 * " millis "e0) AS bigint) * " \
  "INTERVAL '0.001' SECOND END"

/* The JSON value rs_x as it stands in a text, on Trino. */
#define T_TEXT \
  "CASE WHEN json_format(rs_x) <> 'null' THEN coalesce(json_extract_scalar(rs_x, '$$'), " \
  "json_format(rs_x)) END"

#define T_ZIP \
  "CAST(map_from_entries(transform(CAST(CAST($1 AS json) AS array(array(json))), rs_x -> " \
  "ROW(json_extract_scalar(rs_x[1], '$$'), rs_x[2]))) AS json)"

#define NO_FORM \
  "'Function `NORMALIZE`: ' || CAST($2 AS VARCHAR) || ' is no form: NFC, NFD, NFKC and NFKD are.'"

#define NO_TIME "'Function `FORMAT_TIME`: argument 2 must be a time.'"
#define NO_VECTOR \
  "'Function `VECTOR_ENFORCE`: ''int'' or ''float'' is expected, not ' || CAST($3 AS " \
  "VARCHAR) || '.'"

/* What a text is made of. */
#define WORDS(text) \
  "list_filter(regexp_split_to_array(lower(" text "), '[^\\w]+'), rs_x -> rs_x <> '')"
#define T_WORDS(text) \
  "filter(regexp_split(lower(" text "), '[^\\p{L}\\p{N}_]+'), rs_x -> rs_x <> '')"

/* A typed value is an object, too. */
#define OBJECT_TYPE(j) \
  "lower(coalesce(json_extract_string(" j ", '$$.__rockset_type'), 'object'))"

/* An offset of so many seconds. */
#define OFFSET(seconds) \
  "printf('%+03d%02d', CAST(" seconds " AS BIGINT) // 3600, abs(CAST(" seconds \
  " AS BIGINT)) // 60 % 60)"
#define AWAY "date_diff('second', $2 AT TIME ZONE 'UTC', $2 AT TIME ZONE $3)"

#define BUCKET_OF_DATE "CAST(time_bucket($1, $2, DATE '1970-01-01') AS DATE)"
#define BUCKET_OF_DATETIME "time_bucket($1, $2, TIMESTAMP '1970-01-01 00:00:00')"
#define BUCKET_OF_TIMESTAMP \
  "time_bucket($1, CAST($2 AS TIMESTAMPTZ), TIMESTAMPTZ '1970-01-01 00:00:00+00')"

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
#define T_ONE(x, form) T_LET(x, "rs_j", form)
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
// clang-format on
#endif
