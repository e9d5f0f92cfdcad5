/*
** The dialect table and the few functions that write SQL text from it (see dialect.h).
**
** A further engine is one row of `dialects`.
*/
#include "dialect.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"

/* Results must not depend on what the server or the user has been set to. */
static const char *const postgres_session[] = {"SET client_encoding TO 'UTF8'",
                                               "SET standard_conforming_strings TO on",
                                               "SET TIME ZONE 'UTC'",
                                               "SET DateStyle TO 'ISO, YMD'",
                                               "SET IntervalStyle TO 'postgres'",
                                               "SET extra_float_digits TO 1",
                                               "SET bytea_output TO 'hex'",
                                               "SET client_min_messages TO warning",
                                               NULL};

/* bpchar is no text: it compares without its trailing blanks, which SQLite gets. The driver gives
** an array of several dimensions as one, an oid as a signed number, and what it does not know as
** the bytes of the protocol. */
static const struct rs_native postgres_natives[] = {
  {"bool", -1, NULL},
  {"int2", -1, NULL},
  {"int4", -1, NULL},
  {"int8", -1, NULL},
  {"float4", -1, NULL},
  {"float8", -1, NULL},
  {"numeric", RS_T_DECIMAL, NULL},
  {"text", -1, NULL},
  {"varchar", -1, NULL},
  {"name", -1, NULL},
  {"citext", RS_T_TEXT, "CAST(%s AS text)"},
  {"bpchar", RS_T_OTHER, NULL},
  {"bytea", -1, NULL},
  {"date", -1, NULL},
  {"time", -1, NULL},
  {"timestamp", -1, NULL},
  {"timestamptz", -1, NULL},
  {"interval", -1, NULL},
  {"uuid", -1, NULL},
  {"json", -1, NULL},
  {"jsonb", -1, NULL},
  {"oid", RS_T_INT, "CAST(%s AS bigint)"},
  {"unknown", RS_T_TEXT, "CAST(%s AS text)"},
  {"_*", RS_T_JSON, "to_jsonb(%s)"},
  {"record", RS_T_JSON, "to_jsonb(%s)"},
  {"", RS_T_OTHER, "CAST(%s AS text)"},
};

/* What is a numeric for certain, which one with more digits might not be. */
#define POSTGRES_NUMBER "([0-9]{1,255}\\.?[0-9]{0,255}|\\.[0-9]{1,255})([eE][-+]?[0-9]{1,3})?"

static const struct rs_dialect dialects[] = {
  {
    .name = "duckdb",
    .new_id = "CAST(uuid() AS VARCHAR)",
    .now = "(now() AT TIME ZONE 'UTC')",
    .from_micros = "make_timestamp(%s)",
    .utc = "+00:00",
    .lex = &rs_lex_rules_duckdb,
    .calls = &rs_calls_duckdb,
    .forms = &rs_forms_duckdb,
    .nested_types = true,
    .is_nan = "isnan(%s)",
    .as_text = "CAST(%s AS VARCHAR)",
    .as_double = "CAST(%s AS DOUBLE)",
    .as_int = "CAST(%s AS INTEGER)",
    .text_bytes = "encode(%s)",
    .lower = "lower(%s)",
    .path_style = RS_PATH_DOTS,
    .json_of = "to_json(%s)",
    .path_text = "json_extract_string(%s, %p)",
    .path_types = {[RS_T_BOOL] = "TRY_CAST(%s AS BOOLEAN)",
                   [RS_T_INT] = "TRY_CAST(%s AS BIGINT)",
                   [RS_T_FLOAT] = "TRY_CAST(%s AS DOUBLE)"},
    .member = "union_extract(%s, %s)",
    .distinct_count = "approx_count_distinct(%s)",
    .like_number =
      "regexp_full_match(%s, '[\\s\\v]*[-+]?[0-9]*\\.?[0-9]*([eE][-+]?[0-9]+)?[\\s\\v]*')",
    .in_list = "%s IN (SELECT unnest(%s))",
    .blob_open = "'",
    .blob_byte = "\\x",
    .blob_close = "'::BLOB",
    .nan = "'nan'::DOUBLE",
    .inf = "'inf'::DOUBLE",
    .minus_inf = "'-inf'::DOUBLE",
    .json_open = "",
    .json_close = "::JSON",
    .nul = "||chr(0)||",
    .numbered_params = true,
    .text_is_binary = true,
    .time_values = true,
    .nulls_order = true,
    .transactional_ddl = true,
    .temp = "temp",
    .type_names =
      {
        [RS_T_BOOL] = "BOOLEAN",
        [RS_T_INT] = "BIGINT",
        [RS_T_HUGEINT] = "HUGEINT",
        [RS_T_FLOAT] = "DOUBLE",
        [RS_T_DECIMAL] = "DECIMAL(38,9)",
        [RS_T_TEXT] = "VARCHAR",
        [RS_T_BYTES] = "BLOB",
        [RS_T_DATE] = "DATE",
        [RS_T_TIME] = "TIME",
        [RS_T_TIMESTAMP] = "TIMESTAMP",
        [RS_T_TIMESTAMPTZ] = "TIMESTAMP WITH TIME ZONE",
        [RS_T_UUID] = "UUID",
        [RS_T_ENUM] = "VARCHAR",
        [RS_T_JSON] = "JSON",
        // the order of the members is the order in which values of different types sort
        [RS_T_MIXED] = "UNION(bool BOOLEAN, \"int\" BIGINT, dbl DOUBLE, str VARCHAR)",
        [RS_T_OTHER] = "VARCHAR",
      },
  },
  {
    // Rockset SQL: values of different types never compare, so each one is sent with its type
    .name = "rockset",
    .lex = &rs_lex_rules_rockset,
    // JSON has neither NaN nor infinities; a NULL would make NULL of whatever this is part of
    .is_nan = "is_nan(coalesce(%s, 0e0) * 0e0)",
    .or_null = "coalesce(%s, true)",
    .as_text = "CAST(%s AS string)",
    .as_double = "CAST(%s AS float)",
    .as_int = "CAST(%s AS int)",
    .text_bytes = "to_utf8(%s)",
    .lower = "lower(%s)",
    .path_style = RS_PATH_FIELDS,
    .path_text = "CASE WHEN typeof(%s) IN ('object', 'array') THEN json_format(%s) ELSE CAST(%s AS "
                 "string) END",
    .path_types = {[RS_T_BOOL] = "TRY_CAST(%s AS bool)",
                   [RS_T_INT] = "COALESCE(TRY_CAST(%s AS int), "
                                "TRY_CAST(ROUND(TRY_CAST(%s AS float)) AS int))",
                   [RS_T_FLOAT] = "TRY_CAST(%s AS float)"},
    .like_number = "regexp_like(%s, '^[\\s\\v]*[-+]?[0-9]*\\.?[0-9]*([eE][-+]?[0-9]+)?[\\s\\v]*$')",
    .blob_open = "X'",
    .blob_byte = "",
    .blob_close = "'",
    .nan = "CAST('NaN' AS float)",
    .inf = "CAST('Infinity' AS float)",
    .minus_inf = "CAST('-Infinity' AS float)",
    .json_open = "json_parse(",
    .json_close = ")",
    .nul = "||from_utf8(X'00')||",
    .numbered_params = true,
    .param = ":p",
    .text_is_binary = true,
    .nulls_order = true,
    .no_infinity = true,
    .no_time_text = true,
    // collections have no declared types; these are for casts
    .type_names =
      {
        [RS_T_BOOL] = "bool",
        [RS_T_INT] = "int",
        [RS_T_HUGEINT] = "float",
        [RS_T_FLOAT] = "float",
        [RS_T_DECIMAL] = "float",
        [RS_T_TEXT] = "string",
        [RS_T_BYTES] = "bytes",
        [RS_T_DATE] = "date",
        [RS_T_TIME] = "time",
        [RS_T_TIMESTAMP] = "datetime",
        [RS_T_TIMESTAMPTZ] = "timestamp",
        [RS_T_UUID] = "string",
        [RS_T_ENUM] = "string",
        [RS_T_OTHER] = "string",
      },
  },
  {
    .name = "trino",
    .lower_names = true,
    .new_id = "CAST(uuid() AS VARCHAR)",
    .now = "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))",
    .from_micros = "CAST(from_unixtime_nanos(%s * 1000) AT TIME ZONE 'UTC' AS TIMESTAMP(6))",
    .utc = " UTC",
    .distinct_count = "approx_distinct(%s)",
    .stored_statistics = "SHOW STATS FOR ",
    .lex = &rs_lex_rules_trino,
    .calls = &rs_calls_trino,
    .forms = &rs_forms_trino,
    .is_nan = "is_nan(%s)",
    .as_text = "CAST(%s AS VARCHAR)",
    .as_double = "CAST(%s AS DOUBLE)",
    .as_int = "CAST(%s AS INTEGER)",
    .text_bytes = "to_utf8(%s)",
    .lower = "lower(%s)",
    // Iceberg has no JSON: our own tables have it as text. What is no scalar has no scalar text
    .path_style = RS_PATH_BRACKETS,
    .json_of = "CAST(%s AS JSON)",
    .json_of_text = "TRY(json_parse(%s))",
    .path_text = "coalesce(json_extract_scalar(%s, %p), "
                 "nullif(json_format(json_extract(%s, %p)), 'null'))",
    // a text with a fraction is no bigint, but 5.0 is one
    .path_types = {[RS_T_BOOL] = "TRY_CAST(%s AS BOOLEAN)",
                   [RS_T_INT] = "coalesce(TRY_CAST(%s AS BIGINT), "
                                "TRY_CAST(TRY_CAST(%s AS DOUBLE) AS BIGINT))",
                   [RS_T_FLOAT] = "TRY_CAST(%s AS DOUBLE)"},
    .like_number = "regexp_like(%s, '^[\\s\\v]*[-+]?[0-9]*\\.?[0-9]*([eE][-+]?[0-9]+)?[\\s\\v]*$')",
    .blob_open = "X'",
    .blob_byte = "",
    .blob_close = "'",
    .nan = "nan()",
    .inf = "infinity()",
    .minus_inf = "-infinity()",
    .json_open = "json_parse(",
    .json_close = ")",
    .nul = "||chr(0)||",
    .text_is_binary = true,
    .nulls_order = true,
    // times have all the digits of their type
    .no_time_text = true,
    .time_values = true,
    .time_literal = "timestamp ",
    // what Iceberg can hold too: it has no JSON, and microseconds only
    .type_names =
      {
        [RS_T_BOOL] = "BOOLEAN",
        [RS_T_INT] = "BIGINT",
        [RS_T_HUGEINT] = "DECIMAL(38,0)",
        [RS_T_FLOAT] = "DOUBLE",
        [RS_T_DECIMAL] = "DECIMAL(38,9)",
        [RS_T_TEXT] = "VARCHAR",
        [RS_T_BYTES] = "VARBINARY",
        [RS_T_DATE] = "DATE",
        [RS_T_TIME] = "TIME(6)",
        [RS_T_TIMESTAMP] = "TIMESTAMP(6)",
        [RS_T_TIMESTAMPTZ] = "TIMESTAMP(6) WITH TIME ZONE",
        [RS_T_UUID] = "UUID",
        [RS_T_ENUM] = "VARCHAR",
        [RS_T_JSON] = "VARCHAR",
        [RS_T_MIXED] = "VARCHAR",
        [RS_T_OTHER] = "VARCHAR",
      },
  },
  {
    .name = "postgres",
    .new_id = "CAST(gen_random_uuid() AS text)",
    .now = "(now() AT TIME ZONE 'UTC')",
    .from_micros = "(to_timestamp(%s / 1e6) AT TIME ZONE 'UTC')",
    .utc = "+00:00",
    .lex = &rs_lex_rules_postgres,
    .calls = &rs_calls_postgres,
    .is_nan = "%s = 'NaN'",
    .as_binary = "CAST(%s AS text) COLLATE \"C\"",
    .as_text = "CAST(%s AS text) COLLATE \"C\"",
    .as_double = "CAST(%s AS double precision)",
    .as_int = "CAST(%s AS integer)",
    .text_bytes = "convert_to(%s, 'UTF8')",
    .path_style = RS_PATH_ARRAY,
    .json_of = "to_jsonb(%s)",
    .path_text = "(%s #>> %p)",
    // a cast that can't be tried: only what it surely takes gets there
    .path_types = {[RS_T_BOOL] = "CASE WHEN lower(%s) IN ('true', 't', '1') THEN true "
                                 "WHEN lower(%s) IN ('false', 'f', '0') THEN false END",
                   [RS_T_INT] = "CASE WHEN %s ~ '^\\s*[-+]?" POSTGRES_NUMBER "\\s*$' THEN "
                                "CASE WHEN round(CAST(%s AS numeric)) BETWEEN -9223372036854775808 "
                                "AND 9223372036854775807 "
                                "THEN CAST(CAST(%s AS numeric) AS bigint) END END",
                   [RS_T_FLOAT] = "CASE WHEN %s ~ '^\\s*[-+]?" POSTGRES_NUMBER "\\s*$' THEN "
                                  "CASE WHEN abs(CAST(%s AS numeric)) BETWEEN 1e-307 AND 1.79e308 "
                                  "OR CAST(%s AS numeric) = 0 "
                                  "THEN CAST(%s AS double precision) END END"},
    .like_number = "%s ~ '^[\\s\\v]*[-+]?[0-9]*\\.?[0-9]*([eE][-+]?[0-9]+)?[\\s\\v]*$'",
    .blob_open = "'\\x",
    .blob_byte = "",
    .blob_close = "'::bytea",
    .nan = "'NaN'::float8",
    .inf = "'Infinity'::float8",
    .minus_inf = "'-Infinity'::float8",
    .json_open = "",
    .json_close = "::jsonb",
    .numbered_params = true,
    .text_is_binary = true, // with as_binary
    .time_values = true,
    .nulls_order = true,
    .transactional_ddl = true,
    .literals = true,
    .bound_views = true,
    .mixed_json = true,
    .attempt = "DO $__rs_try$BEGIN %s; EXCEPTION WHEN others THEN NULL; END$__rs_try$",
    .temp = "pg_temp",
    .first_char = "left(%s, 1)",
    .rest_chars = "substr(%s, 2)",
    .json_text = "to_jsonb(%s)",
    .json_array = "(SELECT array_agg(e) FROM jsonb_array_elements_text(CAST(%s AS jsonb)) AS e)",
    .session = postgres_session,
    .reads_only = "SET TRANSACTION READ ONLY",
    .use_workspace = "SET search_path TO %s, public",
    .natives = postgres_natives,
    .query_option = "adbc.postgresql.use_copy",
    .type_names =
      {
        [RS_T_BOOL] = "boolean",
        [RS_T_INT] = "bigint",
        [RS_T_HUGEINT] = "numeric",
        [RS_T_FLOAT] = "double precision",
        [RS_T_DECIMAL] = "numeric",
        [RS_T_TEXT] = "text",
        [RS_T_BYTES] = "bytea",
        [RS_T_DATE] = "date",
        [RS_T_TIME] = "time",
        [RS_T_TIMESTAMP] = "timestamp",
        [RS_T_TIMESTAMPTZ] = "timestamp with time zone",
        [RS_T_UUID] = "uuid",
        [RS_T_ENUM] = "text",
        [RS_T_JSON] = "jsonb",
        [RS_T_MIXED] = "jsonb",
        [RS_T_OTHER] = "text",
      },
  },
  {
    .name = "sqlite",
    .lex = &rs_lex_rules_sqlite,
    .calls = &rs_calls_sqlite,
    .as_binary = "%s COLLATE BINARY",
    .as_text = "CAST(%s AS TEXT)",
    .as_double = "CAST(%s AS REAL)",
    .as_int = "CAST(%s AS INTEGER)",
    .text_bytes = "CAST(%s AS BLOB)",
    .blob_open = "X'",
    .blob_byte = "",
    .blob_close = "'",
    .nan = "NULL",
    .inf = "9e999",
    .minus_inf = "-9e999",
    .json_open = "",
    .json_close = "",
    .nul = "||char(0)||",
    .text_is_binary = true,
    .nulls_order = true,
    .transactional_ddl = true,
    .literals = true,
    .any_values = true,
    .plain_create = true,
    .temp = "temp",
    // by affinity: only TEXT and none leave a text as it is
    .type_names =
      {
        [RS_T_BOOL] = "BOOLEAN",
        [RS_T_INT] = "INTEGER",
        [RS_T_HUGEINT] = "TEXT",
        [RS_T_FLOAT] = "REAL",
        [RS_T_DECIMAL] = "",
        [RS_T_TEXT] = "TEXT",
        [RS_T_BYTES] = "BLOB",
        [RS_T_DATE] = "TEXT",
        [RS_T_TIME] = "TEXT",
        [RS_T_TIMESTAMP] = "TEXT",
        [RS_T_TIMESTAMPTZ] = "TEXT",
        [RS_T_UUID] = "TEXT",
        [RS_T_ENUM] = "TEXT",
        [RS_T_JSON] = "TEXT",
        [RS_T_MIXED] = "",
        [RS_T_OTHER] = "",
      },
  },
  {
    // what any SQL engine should take; for drivers that nobody has described yet
    .name = "ansi",
    .utc = "+00:00",
    .lex = &rs_lex_rules_strict,
    .as_text = "CAST(%s AS VARCHAR)",
    .as_double = "CAST(%s AS DOUBLE PRECISION)",
    .as_int = "CAST(%s AS INTEGER)",
    .blob_open = "X'",
    .blob_byte = "",
    .blob_close = "'",
    .nan = "CAST('NaN' AS DOUBLE PRECISION)",
    .inf = "CAST('Infinity' AS DOUBLE PRECISION)",
    .minus_inf = "CAST('-Infinity' AS DOUBLE PRECISION)",
    .json_open = "",
    .json_close = "",
    .nulls_order = true,
    .type_names =
      {
        [RS_T_BOOL] = "BOOLEAN",
        [RS_T_INT] = "BIGINT",
        [RS_T_HUGEINT] = "DECIMAL(38,0)",
        [RS_T_FLOAT] = "DOUBLE PRECISION",
        [RS_T_DECIMAL] = "DECIMAL(38,9)",
        [RS_T_TEXT] = "VARCHAR",
        [RS_T_BYTES] = "VARBINARY",
        [RS_T_DATE] = "DATE",
        [RS_T_TIME] = "TIME",
        [RS_T_TIMESTAMP] = "TIMESTAMP",
        [RS_T_TIMESTAMPTZ] = "TIMESTAMP WITH TIME ZONE",
        [RS_T_UUID] = "VARCHAR",
        [RS_T_ENUM] = "VARCHAR",
        [RS_T_JSON] = "VARCHAR",
        [RS_T_OTHER] = "VARCHAR",
      },
  },
};

const struct rs_native *rs_dialect_native(const struct rs_dialect *d, const char *name)
{
  const struct rs_native *n = d->natives;
  for (; n != NULL && n->name[0] != 0; n++) {
    size_t len = strlen(n->name);
    if (n->name[len - 1] == '*' ? strncmp(n->name, name, len - 1) == 0 : rs_eq(n->name, name))
      return n;
  }
  return n;
}

const struct rs_dialect *rs_dialect_find(const char *name)
{
  for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
    if (rs_eq(dialects[i].name, name)) return &dialects[i];
  }
  return NULL;
}

/* Adds n bytes with every `quote` doubled. */
static void add_doubled(struct rs_buf *b, const char *p, size_t n, char quote)
{
  size_t from = 0;
  for (size_t i = 0; i < n; i++) {
    if (p[i] != quote) continue;
    rs_buf_add(b, p + from, i + 1 - from);
    from = i; // the quote again, with what follows it
  }
  rs_buf_add(b, p + from, n - from);
}

void rs_dialect_ident(const struct rs_dialect *d, struct rs_buf *b, const char *name)
{
  (void)d; // all engines so far quote alike; one that does not gets a field
  rs_buf_char(b, '"');
  add_doubled(b, name, strlen(name), '"');
  rs_buf_char(b, '"');
}

void rs_dialect_relation(const struct rs_dialect *d, struct rs_buf *b, const char *workspace,
                         const char *name)
{
  rs_dialect_ident(d, b, workspace);
  rs_buf_char(b, '.');
  rs_dialect_ident(d, b, name);
}

void rs_dialect_param(const struct rs_dialect *d, struct rs_buf *b, size_t i)
{
  if (d->numbered_params) rs_buf_printf(b, "%s%zu", d->param != NULL ? d->param : "$", i);
  else rs_buf_char(b, '?');
}

static void add_quoted(struct rs_buf *b, const char *p, size_t n)
{
  rs_buf_char(b, '\'');
  add_doubled(b, p, n, '\'');
  rs_buf_char(b, '\'');
}

/* No engine takes a NUL inside a statement, which is a C string on its way there. */
static void add_text(const struct rs_dialect *d, struct rs_buf *b, const char *p, size_t n)
{
  const char *nul = n > 0 ? memchr(p, 0, n) : NULL;
  if (nul == NULL || d->nul == NULL) {
    add_quoted(b, p, n);
    return;
  }
  rs_buf_char(b, '(');
  while (nul != NULL) {
    add_quoted(b, p, (size_t)(nul - p));
    rs_buf_str(b, d->nul);
    n -= (size_t)(nul + 1 - p);
    p = nul + 1;
    nul = n > 0 ? memchr(p, 0, n) : NULL;
  }
  add_quoted(b, p, n);
  rs_buf_char(b, ')');
}

static void add_bytes(const struct rs_dialect *d, struct rs_buf *b, const char *p, size_t n)
{
  rs_buf_str(b, d->blob_open);
  for (size_t i = 0; i < n; i++) {
    char hex[3];
    rs_hex((const unsigned char *)p + i, 1, hex);
    rs_buf_str(b, d->blob_byte);
    rs_buf_add(b, hex, 2);
  }
  rs_buf_str(b, d->blob_close);
}

/* A minus behind a minus would begin a comment. */
static void before_minus(struct rs_buf *b)
{
  if (b->n > 0 && b->p[b->n - 1] == '-') rs_buf_char(b, ' ');
}

/* Without an exponent 1.5 would be a DECIMAL and 1 an integer. */
static void add_digits(struct rs_buf *b, double v)
{
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, v);
    if (strtod(text, NULL) == v) break; // same locale both ways
  }
  // the host may have set a locale whose decimal point is no point
  const char *point = localeconv()->decimal_point;
  char *at = point[0] != 0 && !rs_eq(point, ".") ? strstr(text, point) : NULL;
  if (signbit(v)) before_minus(b);
  if (at != NULL) {
    rs_buf_add(b, text, (size_t)(at - text));
    rs_buf_char(b, '.');
    rs_buf_str(b, at + strlen(point));
  } else {
    rs_buf_str(b, text);
  }
  if (strchr(text, 'e') == NULL) rs_buf_str(b, "e0");
}

static void add_double(const struct rs_dialect *d, struct rs_buf *b, double v)
{
  if (isnan(v)) {
    rs_buf_str(b, d->nan);
  } else if (isinf(v)) {
    rs_buf_str(b, v > 0 ? d->inf : d->minus_inf);
  } else if (d->literals && !d->any_values) {
    // to these engines 1e0 is a decimal, which becomes a shorter float in front of one
    rs_buf_str(b, "CAST(");
    add_digits(b, v);
    rs_buf_printf(b, " AS %s)", d->type_names[RS_T_FLOAT]);
  } else {
    add_digits(b, v);
  }
}

void rs_dialect_literal(const struct rs_dialect *d, struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "NULL"); break;
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "TRUE" : "FALSE"); break;
    case RS_INT:
      if (v->i < 0) before_minus(b);
      rs_buf_int(b, v->i);
      break;
    case RS_FLOAT: add_double(d, b, v->f); break;
    case RS_TEXT: add_text(d, b, v->s.p, v->s.n); break;
    case RS_BYTES: add_bytes(d, b, v->s.p, v->s.n); break;
    case RS_JSON:
      rs_buf_str(b, d->json_open);
      add_text(d, b, v->s.p, v->s.n);
      rs_buf_str(b, d->json_close);
      break;
    case RS_LIST:
      rs_buf_char(b, '(');
      for (size_t i = 0; i < v->list.n; i++) {
        if (i > 0) rs_buf_str(b, ", ");
        rs_dialect_literal(d, b, &v->list.v[i]);
      }
      if (v->list.n == 0) rs_buf_str(b, "NULL");
      rs_buf_char(b, ')');
      break;
    default: b->rc = b->rc == RS_OK ? RS_INTERNAL : b->rc; break;
  }
}
