/*
** What sidecars tell of objects and arrays: their exact JSON, and the tagged text of a part of it
** (value/boxed.h).
*/
#include "src/rsql/emit.h"
#include "src/value/boxed.h"

void rs_rsql_write_exact(struct rsql_writer *w, const struct rsql_node *x)
{
  // `~` comes behind all letters, so that an engine can skip what it has statistics of
  rs_rsql_write(w, "CASE WHEN ");
  rs_rsql_write_operand(w, x->v[0]);
  rs_rsql_write(w, " >= '~' THEN CAST(substr(");
  rs_rsql_write_expr(w, x->v[0]);
  rs_rsql_write(w, ", 2) AS JSON) END");
}

static void part(struct rsql_writer *w, const struct rsql_node *x, const char *name)
{
  rs_rsql_write(w, "(");
  rs_rsql_write_operand(w, x);
  rs_buf_printf(w->b, " ->> '$.%s')", name);
}

/* A typed value as its tagged text: the letter of its type, and the value. */
static void typed(struct rsql_writer *w, const struct rsql_node *x)
{
  static const char letters[] = "dchzmuygv";
  const char *comma = "";
  rs_buf_printf(w->b, " WHEN 'OBJECT' THEN substr('%s', nullif(list_position([", letters);
  for (const char *c = letters; *c != 0; c++)
    for (unsigned i = 0; i < RS_BOXED_KINDS; i++) {
      if (rs_boxed_tag_of(i) != (enum rs_boxed_tag) * c) continue;
      rs_buf_printf(w->b, "%s'%s'", comma, rs_boxed_kind_name(i));
      comma = ", ";
    }
  rs_rsql_write(w, "], lower(");
  part(w, x, "__rockset_type");
  rs_rsql_write(w, ")), 0), 1) || CASE WHEN ");
  part(w, x, "__rockset_type");
  rs_rsql_write(w, " IN ('DATETIME', 'TIMESTAMP') THEN rtrim(replace(");
  part(w, x, "value");
  rs_rsql_write(w, ", 'T', ' '), 'Z') ELSE ");
  part(w, x, "value");
  rs_rsql_write(w, " END");
}

void rs_rsql_write_tag(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *a = x->v[0];
  rs_rsql_write(w, "CASE ");
  rs_rsql_write_json_type(w, a);
  rs_rsql_write(w, " WHEN 'NULL' THEN 'n'");
  const char *each = NULL;
  switch (x->of.kind) {
    case TY_FLOAT: each = " WHEN 'UBIGINT' THEN 'i' || $ WHEN 'BIGINT' THEN 'i' || $"; break;
    case TY_STRUCT: each = " WHEN 'OBJECT' THEN '~' || $"; break;
    case TY_LIST: each = " WHEN 'ARRAY' THEN '~' || $"; break;
    case TY_STRING:
    case TY_INTERVAL: typed(w, a); break;
    default: break;
  }
  if (each != NULL) rs_rsql_write_form(w, each, a);
  rs_rsql_write(w, " END");
}
