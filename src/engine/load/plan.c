/*
** What every engine's load begins with and sends alike (load.h).
*/
#include "src/base/text.h"
#include "load.h"

enum rs_code rs_load_settle(struct rs_session *s, bool can, bool sided, struct rs_load *load,
                            struct rs_error *e)
{
  if (load->documents == 1 && !can) return rs_engine_lacks(s, "files as documents", e);
  if (load->documents == 1 && load->dates > 0)
    return rs_fail(e, RS_INVALID,
                   "options 'documents' and 'dates': of a document a text is a text; give one of "
                   "them");
  const bool keep = load->documents > 0 || (load->documents == 0 && sided);
  load->documents = keep && can && load->dates <= 0 ? 1 : -1;
  return RS_OK;
}

enum rs_code rs_load_mode(const char *name, enum rs_push_mode *mode, struct rs_error *e)
{
  *mode = RS_PUSH_CREATE;
  if (name == NULL) return RS_OK;
  for (; *mode <= RS_PUSH_REPLACE; ++*mode)
    if (rs_eq(name, rs_push_modes[*mode])) return RS_OK;
  return rs_fail(e, RS_INVALID, "mode '%s' is not known; known: create, append, replace", name);
}

enum rs_code rs_load_refuse(const struct rs_relation *rel, enum rs_relation_kind kind,
                            const char *what, enum rs_push_mode mode, struct rs_error *e)
{
  if (kind == RS_REL_VIEW && mode == RS_PUSH_APPEND) {
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: rows can't be written to it", rel->workspace,
                   rel->name);
  }
  if (kind == RS_REL_NONE || mode != RS_PUSH_CREATE) return RS_OK;
  return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists; use mode \"replace\" or \"append\"", what,
                 rel->workspace, rel->name);
}

enum rs_code rs_load_check_keys(const struct rs_load_source *src, const struct rs_relation *rel,
                                struct rs_arena *a, struct rs_error *e)
{
  static const char *const id[] = {"_id"};
  const struct rs_keys keys = {id, 1};
  if (!src->has_ids) return RS_OK;
  const char *from = rs_arena_printf(a, "(%s) AS q", src->query);
  return from != NULL ? rs_sql_check_keys(src->s, rel, from, &keys, e) : rs_nomem(e);
}

enum rs_code rs_load_rows(const struct rs_load_source *src, struct rs_rows **r, struct rs_error *e)
{
  const struct rs_statement st = {.sql = src->query};
  enum rs_code rc = rs_session_query(src->s, &st, r, e);
  if (rc != RS_OK) return rc;
  (*r)->progress = src->load->progress;
  (*r)->progress_ctx = src->load->progress_ctx;
  return RS_OK;
}

enum rs_code rs_load_send(struct rs_session *s, const struct rs_load_source *src,
                          const struct rs_relation *stage, int64_t *rows, struct rs_error *e)
{
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_load_rows(src, &r, e);
  if (rc == RS_OK) rc = rs_session_ingest(s, stage, r, rows, e);
  rs_rows_close(r);
  if (rc == RS_OK && src->most >= 0 && (*rows < src->least || *rows > src->most)) {
    rc = rs_fail(e, RS_INVALID,
                 "%lld rows were read where %lld are: it was written to meanwhile, or DuckDB "
                 "can't read it",
                 (long long)*rows, (long long)src->most);
  }
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED && e != NULL) {
    (void)rs_error_prefix(e, "%s", src->what);
    rs_load_files_name(&src->files, e);
  }
  return rc;
}
