/*
** The rows that the files stand for against the rows that are there: what was added, changed,
** removed, and what a person has edited since.
*/
#include <string.h>
#include "src/json/json.h"
#include "src/base/text.h"
#include "import_internal.h"

/* What was remembered of one row at the last import. */
struct memory {
  struct rs_row row; /* of rockset_imported */
  bool met;          /* a file still stands for it */
};

struct apply {
  struct rs_imports *im;
  const struct rs_row_store *store;
  bool force;
  struct rs_map memories; /* table name and key -> struct memory */
  struct rs_buf added, changed, removed, conflicts;
  size_t unchanged;
};

static void list(struct rs_buf *b, const char *text)
{
  rs_buf_char(b, b->n == 0 ? '[' : ',');
  rs_buf_json_str(b, text, strlen(text));
}

/* People think of rows; the copies of files go without saying. */
static enum rs_code tell(struct apply *ap, struct rs_buf *b, const struct rs_row *r,
                         struct rs_error *e)
{
  if (r->table == RS_T_FILE) return RS_OK;
  const char *label = rs_row_label(r, &ap->im->arena);
  if (label == NULL) return rs_nomem(e);
  list(b, label);
  return RS_OK;
}

static enum rs_code tell_conflict(struct apply *ap, const struct rs_row *r, const char *why,
                                  struct rs_error *e)
{
  const char *label = rs_row_label(r, &ap->im->arena);
  char *text = label != NULL ? rs_arena_printf(&ap->im->arena, "%s: %s", label, why) : NULL;
  if (text == NULL) return rs_nomem(e);
  list(&ap->conflicts, text);
  return RS_OK;
}

static enum rs_code remember_one(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct apply *ap = arg;
  struct rs_arena *a = &ap->im->arena;
  struct memory *m = rs_arena_calloc(a, sizeof *m);
  char *key = rs_arena_printf(a, "%s %s", r->v[0].p, r->v[1].p);
  if (m == NULL || key == NULL) return rs_nomem(e);
  m->row.table = RS_T_IMPORTED;
  for (const char *const *c = rs_tables[RS_T_IMPORTED].columns; *c != NULL; c++) {
    const char *text = rs_row_text(r, *c);
    char *copy = text != NULL ? rs_arena_strdup(a, text) : NULL;
    if (text != NULL && copy == NULL) return rs_nomem(e);
    rs_row_set(&m->row, *c, copy);
  }
  return rs_map_put(&ap->memories, key, m) ? RS_OK : rs_nomem(e);
}

static enum rs_code write_row(struct apply *ap, const struct rs_import_row *r, const char *key,
                              const char *hash, struct rs_error *e)
{
  struct rs_row m = {.table = RS_T_IMPORTED};
  const char *package = r->row.table == RS_T_PROJECT || r->row.table == RS_T_PACKAGE
                          ? ""
                          : rs_row_text(&r->row, "package");
  rs_row_set(&m, "table_name", rs_tables[r->row.table].name);
  rs_row_set(&m, "row_key", key);
  rs_row_set(&m, "origin", ap->im->origin);
  rs_row_set(&m, "package", package);
  rs_row_set(&m, "path", r->path);
  rs_row_set(&m, "hash", hash);
  enum rs_code rc = ap->store->put(ap->store->ctx, &r->row, e);
  if (rc == RS_OK) rc = ap->store->put(ap->store->ctx, &m, e);
  return rc == RS_OK || rc == RS_NOMEM ? rc : rs_error_prefix(e, "%s line %d", r->file, r->line);
}

/* One row of the project against what is there. */
static enum rs_code apply_row(struct apply *ap, const struct rs_import_row *r, struct rs_error *e)
{
  struct rs_arena *a = &ap->im->arena;
  struct rs_arena scratch;
  struct rs_row now;
  char hash[2 * RS_SHA256_SIZE + 1], hash_now[2 * RS_SHA256_SIZE + 1];
  bool found = false;
  const char *key = rs_row_key(&r->row, a);
  char *name = key != NULL ? rs_arena_printf(a, "%s %s", rs_tables[r->row.table].name, key) : NULL;
  if (name == NULL) return rs_nomem(e);
  struct memory *m = rs_map_get(&ap->memories, name);
  rs_arena_init(&scratch, 0);
  enum rs_code rc = rs_row_hash(&r->row, hash, e);
  if (rc == RS_OK) rc = ap->store->get(ap->store->ctx, &r->row, &scratch, &now, &found, e);
  if (rc == RS_OK && found) rc = rs_row_hash(&now, hash_now, e);
  rs_arena_free(&scratch);
  if (rc != RS_OK) return rc;
  const char *then = m != NULL ? rs_row_text(&m->row, "hash") : NULL;
  bool elsewhere = m != NULL && !rs_eq(rs_row_text(&m->row, "origin"), ap->im->origin);
  bool same = found && rs_eq(hash, hash_now);
  if (m != NULL && !elsewhere) m->met = true;
  if (same && m != NULL && !elsewhere && rs_eq(then, hash)) {
    ap->unchanged += r->row.table != RS_T_FILE;
    return RS_OK;
  }
  if (!same && !ap->force && r->row.table != RS_T_FILE) {
    if (found && m == NULL) return tell_conflict(ap, &r->row, "there is such a row already", e);
    if (elsewhere && found)
      return tell_conflict(ap, &r->row, "it was imported from another folder", e);
    if (found && !rs_eq(then, hash_now))
      return tell_conflict(ap, &r->row, "the row was edited since the import", e);
    if (!found && m != NULL && !elsewhere)
      return tell_conflict(ap, &r->row, "the row was deleted since the import", e);
  }
  rc = write_row(ap, r, key, hash, e);
  if (rc != RS_OK) return rc;
  if (same) ap->unchanged += r->row.table != RS_T_FILE;
  return same ? RS_OK : tell(ap, found ? &ap->changed : &ap->added, &r->row, e);
}

/* The key of a remembered row, as a row of its table. */
static enum rs_code read_key(struct apply *ap, const struct memory *m, struct rs_row *out,
                             bool *known, struct rs_error *e)
{
  struct rs_arena *a = &ap->im->arena;
  const char *table = rs_row_text(&m->row, "table_name"), *text = rs_row_text(&m->row, "row_key");
  struct rs_json *json;
  size_t t = 0;
  while (t < RS_T_IMPORTED && !rs_eq(rs_tables[t].name, table)) t++;
  *known = t < RS_T_IMPORTED;
  if (!*known) return RS_OK;
  memset(out, 0, sizeof *out);
  out->table = (enum rs_table_id)t;
  enum rs_code rc = rs_json_parse(text, strlen(text), 4, a, &json, e);
  if (rc != RS_OK) return rs_error_prefix(e, "rockset_imported: row_key %s", text);
  size_t i = 0;
  for (const struct rs_json *v = json->first; v != NULL && i < rs_tables[t].nkeys; v = v->next) {
    const char *copy = rs_arena_strndup(a, v->p != NULL ? v->p : "", v->n);
    if (copy == NULL) return rs_nomem(e);
    out->v[i++] = (struct rs_cell){.p = copy, .n = v->n};
  }
  *known = i == rs_tables[t].nkeys;
  return RS_OK;
}

/* A remembered row that no file stands for any more. */
static enum rs_code remove_row(struct apply *ap, const struct memory *m, struct rs_error *e)
{
  struct rs_row key, now;
  struct rs_arena scratch;
  char hash[2 * RS_SHA256_SIZE + 1];
  bool known, found = false;
  enum rs_code rc = read_key(ap, m, &key, &known, e);
  if (rc != RS_OK || !known) return rc;
  rs_arena_init(&scratch, 0);
  rc = ap->store->get(ap->store->ctx, &key, &scratch, &now, &found, e);
  if (rc == RS_OK && found) rc = rs_row_hash(&now, hash, e);
  rs_arena_free(&scratch);
  if (rc != RS_OK) return rc;
  if (found && !ap->force && !rs_eq(hash, rs_row_text(&m->row, "hash")))
    return tell_conflict(ap, &key, "the row was edited, its file is gone", e);
  rc = ap->store->remove(ap->store->ctx, &m->row, e);
  if (rc == RS_OK && found) rc = ap->store->remove(ap->store->ctx, &key, e);
  return rc == RS_OK && found ? tell(ap, &ap->removed, &key, e) : rc;
}

static void put_list(struct rs_buf *report, const char *key, const struct rs_buf *b)
{
  rs_buf_printf(report, "%s\"%s\":", report->n > 1 ? "," : "", key);
  if (b->n == 0) rs_buf_str(report, "[]");
  else {
    rs_buf_add(report, b->p, b->n);
    rs_buf_char(report, ']');
  }
}

enum rs_code rs_import_apply(struct rs_imports *im, const struct rs_import_options *opt,
                             const struct rs_row_store *store, struct rs_buf *report,
                             struct rs_error *e)
{
  struct apply ap = {.im = im, .store = store, .force = opt->force};
  struct rs_buf *lists[] = {&ap.added, &ap.changed, &ap.removed, &ap.conflicts};
  rs_map_init(&ap.memories);
  for (size_t i = 0; i < 4; i++) rs_buf_init(lists[i], RS_BUF_SQL_MAX);
  enum rs_code rc = store->each(store->ctx, RS_T_IMPORTED, remember_one, &ap, e);
  for (size_t i = 0; rc == RS_OK && i < im->n; i++) rc = apply_row(&ap, im->rows[i], e);
  for (size_t i = 0; rc == RS_OK && i < ap.memories.n; i++) {
    const struct memory *m = ap.memories.v[i].value;
    if (!m->met && rs_eq(rs_row_text(&m->row, "origin"), im->origin)) rc = remove_row(&ap, m, e);
  }
  if (rc == RS_OK) {
    rs_buf_char(report, '{');
    put_list(report, "added", &ap.added);
    put_list(report, "changed", &ap.changed);
    put_list(report, "removed", &ap.removed);
    rs_buf_printf(report, ",\"unchanged\":%zu", ap.unchanged);
    put_list(report, "conflicts", &ap.conflicts);
    if (im->warnings.n > 0) rs_buf_printf(report, ",\"warnings\":[%s]", rs_buf_text(&im->warnings));
    else rs_buf_str(report, ",\"warnings\":[]");
    rs_buf_char(report, '}');
    rc = rs_buf_error(report, e, "the report");
  }
  for (size_t i = 0; i < 4; i++) rs_buf_free(lists[i]);
  rs_map_free(&ap.memories);
  return rc;
}
