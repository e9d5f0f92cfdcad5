/*
** The one type table between adapters' values and SQLite's:
**
**   null, NaN            NULL
**   bool                 INTEGER 0/1
**   int                  INTEGER
**   float                REAL
**   text, dates, decimals and integers beyond what REAL/INTEGER hold exactly    TEXT
**   bytes                BLOB
**   array, object        TEXT with SQLite's JSON subtype
*/
#include "connection.h"
#include "src/base/buf.h"

#include <string.h>

/*
** Text is copied to the scratch buffer, unless a NUL follows it already, and given with length -1:
** an explicit length makes SQLite copy it once more whenever somebody asks for a terminated text,
** which doubles the time of a scan. SQLITE_STATIC would be wrong: max() and min() keep the value
** across rows.
*/
static void copy_text(sqlite3_context *ctx, const char *p, size_t n, struct rs_buf *scratch)
{
  if (n > 0 && memchr(p, 0, n)) {
    sqlite3_result_text64(ctx, p, n, SQLITE_TRANSIENT, SQLITE_UTF8);
    return;
  }
  char few[256]; // most texts, without the buffer's calls
  if (n < sizeof few) {
    if (n > 0) memcpy(few, p, n);
    few[n] = 0;
    sqlite3_result_text(ctx, few, -1, SQLITE_TRANSIENT);
    return;
  }
  rs_buf_clear(scratch);
  rs_buf_add(scratch, p, n);
  if (scratch->rc == RS_NOMEM) sqlite3_result_error_nomem(ctx);
  else if (scratch->rc != RS_OK) sqlite3_result_error_toobig(ctx);
  else sqlite3_result_text(ctx, rs_buf_text(scratch), -1, SQLITE_TRANSIENT);
}

void rs_value_result(sqlite3_context *ctx, const struct rs_value *v, struct rs_buf *scratch)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: sqlite3_result_int64(ctx, v->i); break;
    /* a stored REAL is never -0.0 in SQLite: it would print and hash differently */
    case RS_FLOAT: sqlite3_result_double(ctx, v->f + 0.0); break;
    case RS_TEXT:
    case RS_JSON:
      if (v->whole) sqlite3_result_text(ctx, v->s.p, -1, SQLITE_TRANSIENT);
      else copy_text(ctx, v->s.p, v->s.n, scratch);
      if (v->kind == RS_JSON) sqlite3_result_subtype(ctx, RS_JSON_SUBTYPE);
      break;
    case RS_BYTES:
      sqlite3_result_blob64(ctx, v->s.n ? v->s.p : "", v->s.n, SQLITE_TRANSIENT);
      break;
    case RS_NULL:
    case RS_LIST: sqlite3_result_null(ctx); break;
  }
}

void rs_value_from_sqlite(sqlite3_value *v, struct rs_value *out)
{
  memset(out, 0, sizeof *out);
  switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
      out->kind = RS_INT;
      out->i = sqlite3_value_int64(v);
      break;
    case SQLITE_FLOAT:
      out->kind = RS_FLOAT;
      out->f = sqlite3_value_double(v);
      break;
    case SQLITE_TEXT:
      out->kind = RS_TEXT;
      out->s.p = (const char *)sqlite3_value_text(v);
      out->s.n = (size_t)sqlite3_value_bytes(v);
      if (!out->s.p) out->kind = RS_NULL;
      break;
    case SQLITE_BLOB:
      out->kind = RS_BYTES;
      out->s.p = sqlite3_value_blob(v);
      out->s.n = (size_t)sqlite3_value_bytes(v);
      if (!out->s.p) out->s.p = "";
      break;
    default: out->kind = RS_NULL; break;
  }
}

/* DATE, JSON, BOOLEAN would mean NUMERIC affinity in SQLite, hence only these names. */
const char *rs_value_decltype(enum rs_type t)
{
  switch (t) {
    case RS_T_BOOL:
    case RS_T_INT: return "INTEGER";
    case RS_T_FLOAT: return "REAL";
    case RS_T_BYTES: return "BLOB";
    // hugeint, decimal, json ... mix texts and numbers: no affinity may touch them
    default: return rs_type_is_text(t) ? "TEXT" : "";
  }
}
