/*
** What the caller knows of CSV files (struct rs_load), for the check of the files and for the
** reader.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/json/json.h"
#include "check.h"
#include "load.h"

#define DEPTH_MAX 10

enum rs_code rs_load_no_csv(const struct rs_load *load, bool sheet, struct rs_error *e)
{
  const char *name = load->null != NULL        ? "null"
                     : load->types != NULL     ? "types"
                     : load->delimiter != NULL ? "delimiter"
                     : load->quote != NULL     ? "quote"
                     : load->encoding != NULL  ? "encoding"
                     : sheet                   ? NULL
                     : load->skip > 0          ? "skip"
                     : load->header != 0       ? "header"
                                               : NULL;
  if (name == NULL) return RS_OK;
  return rs_fail(e, RS_INVALID, "option '%s' is one of CSV and TSV files, which '%s' is not", name,
                 load->path);
}

static enum rs_code one_character(const char *option, const char *text, struct rs_error *e)
{
  if (strlen(text) == 1 && strchr("\r\n", *text) == NULL) return RS_OK;
  return rs_fail(e, RS_INVALID, "option '%s' is one character, not '%s'", option, text);
}

enum rs_code rs_load_csv_wanted(const struct rs_load *load, bool tabs, struct rs_load_wanted *out,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *out = (struct rs_load_wanted){.delimiter = tabs ? '\t' : 0};
  if (load->delimiter != NULL) rc = one_character("delimiter", load->delimiter, e);
  if (rc == RS_OK && load->delimiter != NULL) out->delimiter = load->delimiter[0];
  if (rc == RS_OK && load->quote != NULL && load->quote[0] != 0)
    rc = one_character("quote", load->quote, e);
  if (load->quote != NULL) {
    out->knows_quote = true;
    out->quote = load->quote[0];
  }
  if (rc == RS_OK && load->skip < 0)
    rc = rs_fail(e, RS_INVALID, "option 'skip' is a number of lines, not %lld",
                 (long long)load->skip);
  out->skip = (uint64_t)load->skip;
  return rc;
}

static enum rs_code add_text(struct rs_session *s, struct rs_buf *b, const struct rs_json *j,
                             struct rs_arena *a, struct rs_error *e)
{
  if (j->kind != RS_J_STRING)
    return rs_fail(e, RS_INVALID, "option 'null' is a text or an array of texts");
  const char *text = rs_arena_strndup(a, j->p, j->n);
  if (text == NULL) return rs_nomem(e);
  rs_sql_add(s, b, ", %t", text);
  return RS_OK;
}

/* The empty text stays one that means NULL. */
static enum rs_code add_nulls(struct rs_session *s, const char *json, struct rs_arena *a,
                              struct rs_buf *b, struct rs_error *e)
{
  struct rs_json *j;
  enum rs_code rc = rs_json_parse(json, strlen(json), DEPTH_MAX, a, &j, e);
  if (rc != RS_OK) return rc;
  rs_buf_str(b, ", nullstr=[''");
  if (j->kind != RS_J_ARRAY) rc = add_text(s, b, j, a, e);
  for (const struct rs_json *c = j->first; j->kind == RS_J_ARRAY && c != NULL && rc == RS_OK;
       c = c->next)
    rc = add_text(s, b, c, a, e);
  rs_buf_char(b, ']');
  return rc;
}

/* A type as Rockset calls it, or one of DuckDB's. */
static const char *type_of(const struct rs_json *j)
{
  static const struct {
    const char *name, *type;
  } types[] = {{"int", "BIGINT"},      {"float", "DOUBLE"},          {"string", "VARCHAR"},
               {"text", "VARCHAR"},    {"bool", "BOOLEAN"},          {"date", "DATE"},
               {"time", "TIME"},       {"datetime", "TIMESTAMP"},    {"timestamp", "TIMESTAMPTZ"},
               {"integer", "BIGINT"},  {"bigint", "BIGINT"},         {"double", "DOUBLE"},
               {"varchar", "VARCHAR"}, {"boolean", "BOOLEAN"},       {"timestamptz", "TIMESTAMPTZ"},
               {"hugeint", "HUGEINT"}, {"decimal", "DECIMAL(38,9)"}, {"json", "JSON"}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (j->kind == RS_J_STRING && rs_caseeqn(types[i].name, j->p, j->n)) return types[i].type;
  return NULL;
}

static enum rs_code add_types(struct rs_session *s, const char *json, struct rs_arena *a,
                              struct rs_buf *b, struct rs_error *e)
{
  struct rs_json *j;
  enum rs_code rc = rs_json_parse(json, strlen(json), DEPTH_MAX, a, &j, e);
  if (rc != RS_OK) return rc;
  if (j->kind != RS_J_OBJECT || j->first == NULL)
    return rs_fail(e, RS_INVALID, "option 'types' is an object of columns and their types");
  rs_buf_str(b, ", types={");
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    const char *name = rs_arena_strndup(a, c->key, c->nkey), *type = type_of(c);
    if (name == NULL) return rs_nomem(e);
    if (type == NULL)
      return rs_fail(
        e, RS_INVALID,
        "option 'types': '%s' is to be int, float, string, bool, date, time, datetime, "
        "timestamp, decimal, hugeint or json",
        name);
    rs_sql_add(s, b, "%s%t: '%s'", c == j->first ? "" : ", ", name, type);
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

enum rs_code rs_load_csv_options(struct rs_session *reader, const struct rs_load *load,
                                 struct rs_arena *a, struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (load->null != NULL) rc = add_nulls(reader, load->null, a, b, e);
  if (rc == RS_OK && load->types != NULL) rc = add_types(reader, load->types, a, b, e);
  if (load->header != 0) rs_buf_printf(b, ", header=%s", load->header > 0 ? "true" : "false");
  if (load->encoding != NULL) rs_buf_printf(b, ", encoding='%s'", load->encoding);
  return rc;
}
