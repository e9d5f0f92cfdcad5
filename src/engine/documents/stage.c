/*
** Rows of documents as an Arrow batch that becomes a temporary table (see internal.h).
**
** What Arrow and the engine have in common (booleans, integers, floats, text) travels as itself;
** everything else as text, from which the INSERT makes the column's type.
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/engine/slots.h"
#include "internal.h"

/* A stage costs three statements more; reading fewer rows from JSON text costs less than those. */
size_t rs_doc_stage_from = 200;

enum rs_code rs_doc_stage_open(struct rs_doc_stage *st, struct rs_session *s,
                               const struct rs_doc_columns *c, const size_t *used, size_t n,
                               struct rs_error *e)
{
  struct rs_arena *a = c->a;
  *st = (struct rs_doc_stage){.s = s, .c = c};
  rs_buf_init(&st->text, (size_t)1 << 30);
  size_t most = n * RS_DOC_PARTS_MAX + 1;
  st->parts = rs_arena_alloc(a, most * sizeof st->parts[0]);
  st->first = rs_arena_calloc(a, (c->n + 1) * sizeof st->first[0]);
  enum rs_type *types = rs_arena_alloc(a, most * sizeof types[0]);
  const char **names = rs_arena_alloc(a, most * sizeof names[0]);
  const char *name = rs_sql_aside_name(a, "docs", NULL);
  if (st->parts == NULL || st->first == NULL || types == NULL || names == NULL || name == NULL) {
    return rs_nomem(e);
  }
  st->rel = (struct rs_relation){.workspace = "temp", .name = name};
  for (size_t i = 0; i < n; i++) {
    size_t at = st->nparts, got = rs_doc_parts(&c->v[used[i]]->tree, &st->parts[at]);
    st->first[used[i]] = at;
    for (size_t k = 0; k < got; k++, st->nparts++) {
      types[at + k] = st->parts[at + k].type;
      names[at + k] = rs_arena_printf(a, "c%zu%s", used[i], st->parts[at + k].suffix);
      if (names[at + k] == NULL) return rs_nomem(e);
    }
  }
  st->row = rs_arena_calloc(a, (st->nparts + 1) * sizeof st->row[0]);
  st->at = rs_arena_calloc(a, (st->nparts + 1) * sizeof st->at[0]);
  if (st->row == NULL || st->at == NULL) return rs_nomem(e);
  return rs_arrow_builder_new(types, names, st->nparts, &st->builder, e);
}

void rs_doc_stage_free(struct rs_doc_stage *st)
{
  rs_arrow_builder_free(st->builder);
  rs_buf_free(&st->text);
}

void rs_doc_stage_set_text(struct rs_doc_stage *st, size_t column, const char *p, size_t n)
{
  st->row[st->first[column]] = (struct rs_value){.kind = RS_TEXT, .s = {p, n}};
}

void rs_doc_stage_set(struct rs_doc_stage *st, size_t column, const struct rs_json *j)
{
  const struct rs_doc_type *t = &st->c->v[column]->tree;
  size_t i = st->first[column];
  if (st->parts[i].kind != 0) i += rs_doc_part_of(t, j);
  struct rs_value *v = &st->row[i];
  enum rs_type type = st->parts[i].type;
  bool plain = j->kind == RS_J_STRING && j->mark == 0 && t->form == RS_DOC_LEAF;
  if (type == RS_T_BOOL && j->kind == RS_J_BOOL) {
    *v = (struct rs_value){.kind = RS_BOOL, .i = j->truth};
  } else if (type == RS_T_INT && rs_json_int(j, &v->i)) {
    v->kind = RS_INT;
  } else if (type == RS_T_FLOAT && j->kind == RS_J_NUMBER) {
    *v = (struct rs_value){.kind = RS_FLOAT, .f = rs_text_to_double(j->p, j->n)};
  } else if (plain && rs_doc_part_is_text(t)) {
    *v = (struct rs_value){.kind = RS_TEXT, .s = {j->p, j->n}};
  } else {
    // the buffer may move until the row is whole
    size_t at = st->text.n;
    rs_doc_part_text(&st->text, j, t);
    *v = (struct rs_value){.kind = RS_TEXT, .s = {NULL, st->text.n - at}};
    st->at[i] = at + 1;
  }
}

void rs_doc_stage_set_side(struct rs_doc_stage *st, size_t column, const struct rs_json *j)
{
  const struct rs_doc_column *c = st->c->v[column];
  const size_t i = st->first[c->side - 1], at = st->text.n;
  rs_doc_side(&st->text, j, &c->tree);
  st->row[i] = (struct rs_value){.kind = RS_TEXT, .s = {NULL, st->text.n - at}};
  st->at[i] = at + 1;
}

enum rs_code rs_doc_stage_row(struct rs_doc_stage *st, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(&st->text, e, "document");
  for (size_t i = 0; i < st->nparts && rc == RS_OK; i++) {
    if (st->at[i] > 0) st->row[i].s.p = rs_buf_text(&st->text) + st->at[i] - 1;
  }
  if (rc == RS_OK) rc = rs_arrow_builder_row(st->builder, st->row, e);
  memset(st->row, 0, st->nparts * sizeof st->row[0]);
  memset(st->at, 0, st->nparts * sizeof st->at[0]);
  rs_buf_clear(&st->text);
  return rc;
}

size_t rs_doc_stage_bytes(const struct rs_doc_stage *st)
{
  return rs_arrow_builder_bytes(st->builder);
}

enum rs_code rs_doc_stage_send(struct rs_doc_stage *st, struct rs_error *e)
{
  return rs_session_stage(st->s, st->rel.name, st->builder, e);
}

enum rs_code rs_doc_stage_drop(struct rs_doc_stage *st, struct rs_error *e)
{
  return rs_sql_run(st->s, NULL, e, "DROP TABLE %r", &st->rel);
}
