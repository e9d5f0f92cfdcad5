/*
** Values of columns of several types on their way through a stage, which has texts (see sql.h). A
** value that came from such a column tells its own type, and keeps it.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/value/boxed.h"
#include "src/value/interval.h"
#include "sql.h"

/* The letters of the members of a UNION; `behind`: the text that stands for the value. */
static const struct member {
  char tag;
  const char *name, *before, *behind;
} members[] = {{'b', "bool", "CAST(", " AS BOOLEAN)"},
               {'i', "int", "CAST(", " AS BIGINT)"},
               {'d', "dbl", "CAST(", " AS DOUBLE)"},
               {'s', "str", "CAST(", " AS VARCHAR)"},
               {'D', "date", "CAST(", " AS DATE)"},
               {'H', "time", "CAST(", " AS TIME)"},
               {'C', "dt", "CAST(", " AS TIMESTAMP)"},
               {'Z', "ts", "CAST(", " || '+00:00' AS TIMESTAMP WITH TIME ZONE)"},
               {'Y', "bin", "from_base64(", ")"},
               {'M', "mon", "CAST(", " AS INTERVAL)"},
               {'U', "us", "CAST(", " AS INTERVAL)"}};
#define NMEMBERS (sizeof members / sizeof members[0])

/* What a typed value is; 0: it is a plain text. */
static enum rs_boxed_tag boxed_tag(const struct rs_value *v, struct rs_interval *x)
{
  if (v->kind == RS_BYTES) return v->of == RS_T_BYTES ? RS_BOXED_BYTES : RS_BOXED_MAIN;
  if (v->kind != RS_TEXT) return RS_BOXED_MAIN;
  switch ((enum rs_type)v->of) {
    case RS_T_DATE: return RS_BOXED_DATE;
    case RS_T_TIME: return RS_BOXED_TIME;
    case RS_T_TIMESTAMP: return RS_BOXED_DATETIME;
    case RS_T_TIMESTAMPTZ: return RS_BOXED_TIMESTAMP;
    case RS_T_OTHER:
      if (!rs_interval_read(v->s.p, v->s.n, x)) return RS_BOXED_MAIN;
      return x->months != 0 ? RS_BOXED_MONTHS : RS_BOXED_MICROS;
    default: return RS_BOXED_MAIN;
  }
}

size_t rs_sql_mixed_tag(struct rs_buf *b, const struct rs_value *v)
{
  const size_t from = b->n;
  struct rs_interval x;
  const enum rs_boxed_tag tag = boxed_tag(v, &x);
  switch (v->kind) {
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "btrue" : "bfalse"); break;
    case RS_INT: rs_buf_printf(b, "i%lld", (long long)v->i); break;
    case RS_FLOAT:
      rs_buf_char(b, 'd');
      rs_buf_json_double(b, v->f);
      break;
    default:
      rs_buf_char(b, tag != RS_BOXED_MAIN ? (char)(tag - 'a' + 'A') : 's');
      if (tag == RS_BOXED_BYTES) rs_base64_add(b, v->s.p, v->s.n);
      else rs_buf_add(b, v->s.p, v->s.n);
      break;
  }
  return b->n - from;
}

static void add_boxed(struct rs_buf *b, const struct rs_value *v, enum rs_boxed_tag tag,
                      const struct rs_interval *x)
{
  struct rs_boxed boxed = {.tag = tag, .v = *v};
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX * 16);
  if (tag == RS_BOXED_BYTES) {
    rs_base64_add(&text, v->s.p, v->s.n);
    boxed.v.kind = RS_TEXT;
    boxed.v.s.p = rs_buf_text(&text);
    boxed.v.s.n = text.n;
  } else if (tag == RS_BOXED_MONTHS || tag == RS_BOXED_MICROS) {
    boxed.v.kind = RS_INT;
    boxed.v.i = tag == RS_BOXED_MONTHS ? x->months : x->us;
  }
  if (text.rc != RS_OK) b->rc = text.rc;
  else rs_boxed_json(b, &boxed);
  rs_buf_free(&text);
}

size_t rs_sql_mixed_json(struct rs_buf *b, const struct rs_value *v)
{
  const size_t from = b->n;
  struct rs_interval x;
  const enum rs_boxed_tag tag = boxed_tag(v, &x);
  switch (v->kind) {
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_INT: rs_buf_int(b, v->i); break;
    case RS_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    default:
      if (tag != RS_BOXED_MAIN) add_boxed(b, v, tag, &x);
      else rs_buf_json_str(b, v->s.p, v->s.n);
      break;
  }
  return b->n - from;
}

/* Has the UNION, of scalars alone, that member? Some quote the names that are words of SQL. */
static bool has_member(const char *native, const char *name)
{
  const size_t n = strlen(name);
  for (const char *p = strstr(native, name); p != NULL; p = strstr(p + 1, name)) {
    const bool quoted = p[-1] == '"' && p[n] == '"';
    if (quoted || (p > native && strchr("( ", p[-1]) != NULL && p[n] == ' ')) return true;
  }
  return false;
}

/* WHEN it has the letter THEN it is that member */
static void add_member(struct rs_buf *b, char tag, const struct member *m, const char *from,
                       const char *native)
{
  rs_buf_printf(b, " WHEN '%c' THEN CAST(union_value(\"%s\" := %s%s[2:]%s) AS %s)", tag, m->name,
                m->before, from, m->behind, native);
}

void rs_sql_mixed_value(struct rs_buf *b, const char *column, const char *from, const char *native)
{
  const bool text = has_member(native, "str");
  rs_buf_printf(b, "CASE %s[1]", from);
  for (size_t i = 0; i < NMEMBERS; i++) {
    const struct member *m = &members[i];
    if (has_member(native, m->name)) add_member(b, m->tag, m, from, native);
    else if (m->tag == 'i' && has_member(native, "dbl")) add_member(b, 'i', m + 1, from, native);
  }
  if (text) {
    rs_buf_printf(b, " ELSE CAST(union_value(\"str\" := %s[2:]) AS %s) END", from, native);
    return;
  }
  rs_buf_str(b, " ELSE CASE WHEN ");
  rs_buf_str(b, from);
  rs_buf_str(b, " IS NOT NULL THEN error('column ''");
  for (const char *p = column; *p != 0; p++) {
    if (*p == '\'') rs_buf_char(b, '\'');
    rs_buf_char(b, *p);
  }
  rs_buf_printf(b,
                "'' has no values of type ' || CASE %s[1] WHEN 's' THEN 'string' WHEN 'b' THEN "
                "'bool' WHEN 'i' THEN 'int' ELSE 'float' END || '" RS_DOC_FIRST_VALUE "') END END",
                from);
}
