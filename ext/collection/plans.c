/*
** The plans of a table: what xBestIndex decided, kept by its template so that xFilter finds it.
*/
#include "plan.h"
#include "src/base/mem.h"

#include <string.h>

const struct collection_plan *rs_collection_plan(const struct collection *c, int idxNum,
                                                 const char *idxStr)
{
  const struct collection_plan *p = idxStr ? rs_map_get(&c->plans, idxStr) : NULL;
  while (p && idxNum-- > 0) p = p->next;
  return p;
}

void rs_collection_plans_free(struct collection *c)
{
  for (size_t i = 0; i < c->plans.n; i++) {
    struct collection_plan *p = c->plans.v[i].value, *next;
    for (; p; p = next) {
      next = p->next;
      rs_narrow_free(p->narrow);
      rs_free(p);
    }
  }
  rs_map_free(&c->plans);
}

/* Of plans with the same template. */
static bool same_plan(const struct collection_plan *p, const struct draft *f)
{
  // of a lambda the template does not tell which columns are used
  if (f->c->lambda && memcmp(p->slot, f->slot, (size_t)f->c->ndata * sizeof *f->slot) != 0)
    return false;
  return p->d == f->d && p->missing == f->missing && p->scan.nterms == f->scan.nterms &&
         (f->scan.nterms == 0 ||
          memcmp(p->scan.terms, f->terms, f->scan.nterms * sizeof *f->terms) == 0);
}

/* The draft's arrays, one behind the other in one block; *p moves behind what was copied. */
static const void *copy_array(char **p, const void *v, size_t size)
{
  void *to = *p;
  if (size) memcpy(to, v, size);
  *p += size;
  return to;
}

/* Does it fetch columns of which SQLite has not said that they are used (wide.c)? */
static bool may_be_narrower(const struct draft *f)
{
  if (f->missing || f->c->lambda) return false;
  bool many = f->c->ndata > 63 && f->info->colUsed >> 63;
  bool key = rs_sqlite_at_least(RS_KEY_ALWAYS_USED) && f->c->key >= 0 && f->slot[f->c->key] >= 0;
  for (size_t i = 0; i < f->scan.nterms; i++) key = key && f->terms[i].column != f->c->key;
  for (size_t i = 0; i < f->scan.norder; i++) key = key && f->order[i].column != f->c->key;
  return many || key;
}

/* All arrays but the last hold ints and enums only, so they need no padding between them. */
static struct collection_plan *plan_new(const struct draft *f)
{
  const struct rs_scan *s = &f->scan;
  size_t nterms = s->nterms * sizeof *f->terms, norder = s->norder * sizeof *f->order;
  size_t nfetch = s->nfetch * sizeof *f->fetch, nslot = (size_t)f->c->nscan * sizeof *f->slot;
  size_t ngiven = (size_t)f->c->nparams * sizeof *f->given;
  struct collection_plan *p = rs_calloc(1, sizeof *p + nterms + norder + nfetch + nslot + ngiven);
  char *rest = (char *)(p + 1);
  if (!p) return NULL;
  p->d = f->d;
  p->missing = f->missing;
  p->exact = f->all_exact;
  p->sided = f->sided;
  p->nscan = f->c->nscan;
  p->scan = *s;
  p->scan.terms = copy_array(&rest, f->terms, nterms);
  p->scan.order = copy_array(&rest, f->order, norder);
  p->scan.fetch = copy_array(&rest, f->fetch, nfetch);
  p->slot = copy_array(&rest, f->slot, nslot);
  p->given = copy_array(&rest, f->given, ngiven);
  // without memory for it the plan fetches them all
  if (may_be_narrower(f)) p->narrow = rs_narrow_new();
  return p;
}

/* The number of the plan among those of its template; it is added when it is new. -1: out of
** memory. */
static int plan_number(struct draft *f, const char *sql)
{
  struct rs_map_entry *entry = rs_map_find(&f->c->plans, sql, strlen(sql));
  struct collection_plan *p = entry ? entry->value : NULL, *last = NULL;
  int number = 0;
  for (; p && !same_plan(p, f); p = p->next, number++) last = p;
  if (p) return number;
  p = plan_new(f);
  if (!p) return -1;
  if (last) {
    last->next = p;
  } else if (!rs_map_put(&f->c->plans, sql, p)) {
    rs_narrow_free(p->narrow);
    rs_free(p);
    return -1;
  }
  return number;
}

int rs_plan_store(struct draft *f)
{
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  if (f->missing) rs_buf_printf(&sql, "(parameter %s has no value)", f->missing);
  else if (f->c->lambda) rs_collection_lambda_template(f->c, f->given, &sql);
  else rs_deparse_template(f->d, &f->scan, &sql);
  int number = sql.rc == RS_OK ? plan_number(f, rs_buf_text(&sql)) : -1;
  if (number >= 0) {
    f->info->idxNum = number;
    f->info->idxStr = sqlite3_mprintf("%s", rs_buf_text(&sql));
    f->info->needToFreeIdxStr = 1;
  }
  rs_buf_free(&sql);
  return number >= 0 && f->info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}
