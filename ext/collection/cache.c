/*
** Rows of keyed lookups, kept while a cursor is open (cache.h).
**
** The key of a record (records.h) is the values of all terms; of a table that was
** fetched whole, those of the terms `column = value` that are left out. Its other terms that vary
** (`column < value`) are looked at here, row by row. Its values are those of the plan's fetched
** columns; what such terms need and nobody fetches stands behind them.
*/
#include "cache.h"
#include "records.h"
#include "internal.h"
#include "src/value/pack.h"
#include "src/base/mem.h"
#include "src/base/thread.h"

#include <string.h>

#define KEPT_ROWS 10000 /* of one lookup */
#define RECORD_AFTER 1  /* lookups of a plan before their rows are kept */
#define WHOLE_AFTER 3   /* before the whole table is fetched */
#define UNKNOWN_ROWS 100000
#define FETCH_US 3000 /* of a whole fetch: to begin with, and for each row */
#define ROW_US 0.12

struct plan_cache {
  struct plan_cache *next;
  const struct collection_plan *plan;
  struct rs_records records;
  int64_t lookups, spent_us;
  bool whole, refused; /* all rows are here; they are too many */
  bool stale;          /* they are those of another value of a term that never varied before */
  bool *varies;        /* by term */
  int *place;          /* by term that is looked at here: its column's place in a record; else -1 */
  size_t nvalues;      /* in a record */
  struct rs_buf *last; /* by term: its value in the last lookup */
  struct rs_buf key;   /* scratch */
};

/* Of one table. */
struct rs_cache {
  unsigned era;
  int cursors;
  struct plan_cache *plans;
  struct plan_cache *dead; /* void, but a cursor may be on them */
};

/* ---- life ------------------------------------------------------------------------------------ */

static void plan_free(struct plan_cache *pc)
{
  for (size_t i = 0; pc->last && i < pc->plan->scan.nterms; i++) rs_buf_free(&pc->last[i]);
  rs_free(pc->last);
  rs_free(pc->varies);
  rs_free(pc->place);
  rs_records_free(&pc->records);
  rs_buf_free(&pc->key);
  rs_free(pc);
}

static void list_free(struct plan_cache **list)
{
  while (*list) {
    struct plan_cache *pc = *list;
    *list = pc->next;
    plan_free(pc);
  }
}

void rs_cache_enter(struct collection *c)
{
  if (!c->cache) c->cache = rs_calloc(1, sizeof *c->cache);
  if (c->cache) c->cache->cursors++;
  else c->uncached++; // out of memory: it works without
}

void rs_cache_leave(struct collection *c)
{
  if (c->uncached > 0) {
    c->uncached--;
    return;
  }
  if (--c->cache->cursors > 0) return;
  list_free(&c->cache->plans);
  list_free(&c->cache->dead);
  rs_free(c->cache);
  c->cache = NULL;
}

static void make_void(struct rs_cache *cache)
{
  while (cache->plans) {
    struct plan_cache *pc = cache->plans;
    cache->plans = pc->next;
    pc->next = cache->dead;
    cache->dead = pc;
  }
}

static struct plan_cache *plan_of(struct rs_cache *cache, const struct collection_plan *plan)
{
  struct plan_cache *pc = cache->plans;
  while (pc && pc->plan != plan) pc = pc->next;
  if (pc) return pc;
  pc = rs_calloc(1, sizeof *pc);
  if (!pc) return NULL;
  pc->plan = plan;
  rs_records_init(&pc->records);
  rs_buf_init(&pc->key, RS_BUF_SQL_MAX);
  pc->varies = rs_calloc(plan->scan.nterms + 1, sizeof *pc->varies);
  pc->last = rs_calloc(plan->scan.nterms + 1, sizeof *pc->last);
  pc->place = rs_calloc(plan->scan.nterms + 1, sizeof *pc->place);
  pc->nvalues = plan->scan.nfetch;
  if (!pc->varies || !pc->last || !pc->place) {
    plan_free(pc);
    return NULL;
  }
  for (size_t i = 0; i < plan->scan.nterms; i++) {
    rs_buf_init(&pc->last[i], RS_BUF_SQL_MAX);
    pc->place[i] = -1;
  }
  pc->next = cache->plans;
  cache->plans = pc;
  return pc;
}

/* The same plan without any record: cursors may still be on those of the old one. */
static struct plan_cache *renew(struct rs_cache *cache, struct plan_cache *old)
{
  struct plan_cache **from = &cache->plans;
  while (*from != old) from = &(*from)->next;
  *from = old->next;
  old->next = cache->dead;
  cache->dead = old;
  struct plan_cache *pc = plan_of(cache, old->plan);
  if (!pc) return NULL;
  pc->refused = old->refused;
  pc->lookups = old->lookups;
  pc->spent_us = old->spent_us;
  for (size_t i = 0; i < pc->plan->scan.nterms; i++) {
    struct rs_buf last = pc->last[i];
    pc->varies[i] = old->varies[i];
    pc->last[i] = old->last[i];
    old->last[i] = last;
  }
  return pc;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void pack_value(struct rs_buf *b, const struct rs_value *v)
{
  char *p = rs_buf_reserve(b, rs_pack_bound(v));
  if (p) b->n += (size_t)(rs_pack(p, v) - p);
}

static void pack_bound(struct rs_buf *b, const struct rs_bound *bound)
{
  const struct rs_value *v = &bound->value;
  rs_buf_char(b, (char)bound->kind);
  for (size_t i = 0; i < bound->n; i++) pack_bound(b, &bound->each[i]);
  if (bound->kind < RS_BOUND_CMP || bound->n > 0) return;
  rs_buf_char(b, (char)bound->op);
  rs_buf_char(b, (char)(bound->bytes + 2 * bound->or_number));
  if (v->kind != RS_LIST) {
    pack_value(b, v);
    return;
  }
  rs_buf_add(b, (const char *)&v->list.n, sizeof v->list.n);
  for (size_t i = 0; i < v->list.n; i++) pack_value(b, &v->list.v[i]);
}

/* May rows be found, or compared, by this value among those that were fetched? Only where equal
** means equal bytes. */
static bool is_plain(const struct rs_bound *b, const struct rs_scan_column *column)
{
  if (b->kind != RS_BOUND_CMP || b->bytes || b->or_number || column->side) return false;
  switch (column->type) {
    case RS_T_INT:
    case RS_T_BOOL: return b->value.kind == RS_INT || b->value.kind == RS_BOOL;
    case RS_T_TEXT: return b->value.kind == RS_TEXT;
    case RS_T_BYTES: return b->value.kind == RS_BYTES;
    default: return false;
  }
}

/* Notes which terms vary, and makes the key of all values in pc->key. */
static bool note_values(struct collection *c, struct plan_cache *pc,
                        const struct rs_scan_values *values, sqlite3_value *const *params)
{
  const struct rs_bound *bounds = values->bounds;
  rs_buf_clear(&pc->key);
  rs_buf_add(&pc->key, (const char *)&values->limit, sizeof values->limit);
  for (int i = 0; params && i < c->nparams; i++) {
    struct rs_value v = {.kind = RS_NULL};
    if (params[i]) rs_value_from_sqlite(params[i], &v);
    pack_value(&pc->key, &v);
  }
  for (size_t i = 0; i < pc->plan->scan.nterms; i++) {
    size_t at = pc->key.n;
    pack_bound(&pc->key, &bounds[i]);
    if (pc->key.rc != RS_OK) return false;
    const char *p = rs_buf_text(&pc->key) + at;
    size_t n = pc->key.n - at;
    struct rs_buf *last = &pc->last[i];
    if (last->n == n && memcmp(rs_buf_text(last), p, n) == 0) continue;
    if (last->n > 0) {
      pc->stale = pc->stale || (pc->whole && !pc->varies[i]);
      pc->varies[i] = true;
    }
    rs_buf_clear(last);
    rs_buf_add(last, p, n);
    if (last->rc != RS_OK) return false;
  }
  return pc->key.rc == RS_OK;
}

/* ---- the whole table ------------------------------------------------------------------------- */

static size_t memory_of(const struct rs_cache *cache)
{
  size_t n = 0;
  for (const struct plan_cache *pc = cache->plans; pc; pc = pc->next)
    n += rs_records_memory(&pc->records);
  return n;
}

struct fill {
  struct rs_records *records;
  const int *columns;         /* the places of a record's values among the fetched columns */
  const int *keys;            /* of its key's */
  const struct rs_value **at; /* room for them: nkeys, then nvalues */
  size_t nkeys, nvalues;
  size_t budget;
  bool full;
};

static enum rs_code take_row(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct fill *f = ctx;
  for (size_t i = 0; i < f->nkeys; i++) {
    f->at[i] = &row[f->keys[i]];
    if (f->at[i]->kind == RS_NULL) return RS_OK; // equal to nothing
  }
  for (size_t i = 0; i < f->nvalues; i++) f->at[f->nkeys + i] = &row[f->columns[i]];
  if (!rs_records_append(f->records, f->at, f->nkeys, f->at + f->nkeys, f->nvalues))
    return rs_nomem(e);
  f->full = rs_records_memory(f->records) > f->budget;
  return f->full ? RS_DONE : RS_OK;
}

/* Is it time, and can it be done? A LIMIT is no obstacle: SQLite stops by itself. */
static bool wants_whole(const struct collection *c, const struct plan_cache *pc,
                        const struct rs_bound *bounds)
{
  const struct rs_scan *s = &pc->plan->scan;
  double rows = c->rows >= 0 ? (double)c->rows : UNKNOWN_ROWS;
  bool any = false;
  if (pc->refused || c->lambda || c->nparams > 0 || s->norder || s->count) return false;
  if (pc->lookups < WHOLE_AFTER || (double)pc->spent_us < FETCH_US + rows * ROW_US) return false;
  for (size_t i = 0; i < s->nterms; i++) {
    if (!pc->varies[i]) continue;
    if (!is_plain(&bounds[i], &s->columns[s->terms[i].column])) return false;
    any = any || s->terms[i].op == RS_OP_EQ;
  }
  return any;
}

/* What to fetch, and what a record takes of it. False: out of memory. */
struct layout {
  int *fetch, *keys, *values; /* nkeys of keys; pc->nvalues of values */
  size_t nfetch, nkeys;
};

static bool lay_out(struct plan_cache *pc, struct layout *l)
{
  const struct rs_scan *s = &pc->plan->scan;
  l->fetch = rs_calloc(s->nfetch + s->nterms + 1, sizeof *l->fetch);
  l->keys = rs_calloc(s->nterms + 1, sizeof *l->keys);
  l->values = rs_calloc(s->nfetch + s->nterms + 1, sizeof *l->values);
  if (!l->fetch || !l->keys || !l->values) return false;
  for (size_t i = 0; i < s->nfetch; i++) {
    l->fetch[i] = s->fetch[i];
    l->values[i] = (int)i;
  }
  l->nfetch = pc->nvalues = s->nfetch;
  for (size_t i = 0; i < s->nterms; i++) {
    int column = s->terms[i].column, slot = pc->plan->slot[column];
    if (!pc->varies[i]) continue;
    bool wanted = slot >= 0;
    if (!wanted) l->fetch[slot = (int)l->nfetch++] = column;
    if (s->terms[i].op == RS_OP_EQ) {
      l->keys[l->nkeys++] = slot;
      continue;
    }
    pc->place[i] = wanted ? slot : (int)pc->nvalues;
    if (!wanted) l->values[pc->nvalues++] = slot;
  }
  return true;
}

static enum rs_code fetch_whole(struct collection *c, struct plan_cache *pc,
                                const struct cache_fetch *fetch, struct rs_error *e)
{
  struct layout l = {.fetch = NULL};
  size_t others = memory_of(c->cache), budget = rs_conn_cache_bytes(c->conn);
  struct fill f = {.records = &pc->records, .budget = budget > others ? budget - others : 0};
  enum rs_code rc = lay_out(pc, &l) ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) {
    f.columns = l.values;
    f.keys = l.keys;
    f.nkeys = l.nkeys;
    f.nvalues = pc->nvalues;
    f.at = rs_calloc(l.nkeys + pc->nvalues + 1, sizeof *f.at);
    if (!f.at) rc = rs_nomem(e);
  }
  // nothing is fetched in vain where the least that all rows can take is too much
  bool all = true; // no term that stays the same leaves rows out
  for (size_t i = 0; i < pc->plan->scan.nterms; i++) all = all && pc->varies[i];
  if (all && c->rows > 0)
    f.full = rs_records_least((size_t)c->rows, l.nkeys + pc->nvalues) > f.budget;
  if (rc == RS_OK && !f.full)
    rc = fetch->run(fetch->ctx, l.fetch, l.nfetch, pc->varies, take_row, &f, e);
  if (rc == RS_OK && !f.full && !rs_records_link(&pc->records)) rc = rs_nomem(e);
  pc->whole = rc == RS_OK && !f.full;
  pc->refused = !pc->whole;
  rs_free(f.at);
  rs_free(l.fetch);
  rs_free(l.keys);
  rs_free(l.values);
  return rc;
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* The values of the current record. */
static void decode(struct cache_scan *s)
{
  // the block moves when it grows, by another cursor's lookup
  const char *p = rs_records_values(&s->pc->records, s->at);
  if (s->decoded == p) return;
  s->decoded = p;
  for (size_t i = 0; i < s->pc->nvalues; i++) p = rs_unpack(p, &s->row[i]);
}

/* Is the current record what the terms want that are looked at here? */
static bool passes(struct cache_scan *s)
{
  const struct rs_scan *scan = &s->pc->plan->scan;
  const char *p = s->filter.p;
  for (size_t i = 0; p && i < scan->nterms; i++) {
    struct rs_value than;
    if (s->pc->place[i] < 0) continue;
    enum rs_op op = (enum rs_op) * p;
    p = rs_unpack(p + 1, &than);
    decode(s);
    const struct rs_value *v = &s->row[s->pc->place[i]];
    if (v->kind == RS_NULL || !rs_op_holds(op, rs_value_compare(v, &than))) return false;
  }
  return true;
}

/* From the row at `at` on: the next one of the scan's key that passes. */
static void walk(struct cache_scan *s, uint32_t at)
{
  for (s->at = at; s->at != 0 && !passes(s);)
    s->at = rs_records_next(&s->pc->records, s->at, s->key, s->nkey);
}

static bool start_scan(struct cache_scan *s, struct plan_cache *pc, const struct rs_bound *bounds,
                       bool *nomem)
{
  char *key = rs_malloc(pc->key.n + 1);
  s->row = rs_calloc(pc->nvalues + 1, sizeof *s->row);
  rs_buf_init(&s->filter, RS_BUF_SQL_MAX);
  for (size_t i = 0; pc->whole && i < pc->plan->scan.nterms; i++) {
    if (pc->place[i] < 0) continue;
    rs_buf_char(&s->filter, (char)bounds[i].op);
    rs_records_key(&s->filter, &bounds[i].value);
  }
  *nomem = !key || !s->row || s->filter.rc != RS_OK;
  if (*nomem) {
    rs_free(key);
    return false;
  }
  memcpy(key, rs_buf_text(&pc->key), pc->key.n);
  s->key = key;
  s->nkey = pc->key.n;
  s->pc = pc;
  walk(s, rs_records_find(&pc->records, key, s->nkey));
  return true;
}

static bool whole_key(struct plan_cache *pc, const struct rs_bound *bounds)
{
  const struct rs_scan *s = &pc->plan->scan;
  for (size_t i = 0; i < s->nterms; i++)
    if (pc->varies[i] && !is_plain(&bounds[i], &s->columns[s->terms[i].column])) return false;
  rs_buf_clear(&pc->key);
  for (size_t i = 0; i < s->nterms; i++)
    if (pc->varies[i] && pc->place[i] < 0) rs_records_key(&pc->key, &bounds[i].value);
  return pc->key.rc == RS_OK;
}

static bool start_record(struct rs_conn *conn, struct rs_cache *cache, struct plan_cache *pc,
                         struct cache_record *record)
{
  record->started_us = rs_now_us();
  record->pc = pc;
  record->n = 0;
  if (pc->lookups <= RECORD_AFTER || pc->whole || memory_of(cache) >= rs_conn_cache_bytes(conn))
    return true; // only its time is measured
  record->key = rs_malloc(pc->key.n + 1);
  if (!record->key) return false;
  memcpy(record->key, rs_buf_text(&pc->key), pc->key.n);
  record->nkey = pc->key.n;
  rs_buf_init(&record->rows, RS_BUF_SQL_MAX * 16);
  return true;
}

enum rs_code rs_cache_find(struct collection *c, const struct collection_plan *plan,
                           const struct rs_scan_values *values, sqlite3_value *const *params,
                           const struct cache_fetch *fetch, struct cache_scan *scan,
                           struct cache_record *record, bool *hit, struct rs_error *e)
{
  const struct rs_bound *bounds = values->bounds;
  struct rs_cache *cache = c->cache;
  const struct write_table *w = rs_collection_written(c);
  bool nomem = false;
  enum rs_code rc = RS_OK;
  *hit = false;
  if (!cache || (plan->scan.nterms == 0 && c->nparams == 0) || plan->scan.count ||
      plan->scan.offset_arg || (w && rs_queue_count(w->queue) > 0) ||
      rs_conn_cache_bytes(c->conn) == 0)
    return RS_OK;
  if (cache->era != rs_conn_era(c->conn)) make_void(cache);
  cache->era = rs_conn_era(c->conn);
  struct plan_cache *pc = plan_of(cache, plan);
  if (!pc || !note_values(c, pc, values, params)) return rs_nomem(e);
  if (pc->stale) {
    pc->refused = true;
    pc = renew(cache, pc);
  } else if (!pc->whole && wants_whole(c, pc, bounds)) {
    pc = renew(cache, pc);
    if (pc) rc = fetch_whole(c, pc, fetch, e);
    if (rc == RS_OK && pc && pc->refused) pc = renew(cache, pc); // what did fit is of no use
  }
  if (!pc) return rs_nomem(e);
  if (rc != RS_OK) return rc;
  if (pc->whole) {
    *hit = whole_key(pc, bounds) && start_scan(scan, pc, bounds, &nomem);
    return nomem ? rs_nomem(e) : RS_OK;
  }
  if (!note_values(c, pc, values, params)) return rs_nomem(e); // a fetch has used the scratch
  const char *key = rs_buf_text(&pc->key);
  if (rs_records_complete(&pc->records, key, pc->key.n)) {
    *hit = start_scan(scan, pc, bounds, &nomem);
    return nomem ? rs_nomem(e) : RS_OK;
  }
  pc->lookups++;
  return start_record(c->conn, cache, pc, record) ? RS_OK : rs_nomem(e);
}

/* ---- reading --------------------------------------------------------------------------------- */

void rs_cache_scan_next(struct cache_scan *s)
{
  s->decoded = NULL;
  walk(s, rs_records_next(&s->pc->records, s->at, s->key, s->nkey));
}

void rs_cache_scan_get(struct cache_scan *s, int slot, struct rs_value *out)
{
  decode(s);
  *out = s->row[slot];
}

void rs_cache_scan_close(struct cache_scan *s)
{
  rs_free((void *)(uintptr_t)s->key);
  rs_free(s->row);
  rs_buf_free(&s->filter);
  *s = (struct cache_scan){0};
}

/* ---- recording ------------------------------------------------------------------------------- */

void rs_cache_record_drop(struct cache_record *r)
{
  if (r->pc) r->pc->spent_us += rs_now_us() - r->started_us;
  if (r->key) rs_buf_free(&r->rows);
  rs_free(r->key);
  *r = (struct cache_record){0};
}

void rs_cache_record_row(struct collection *c, struct cache_record *r, const struct rs_value *row)
{
  size_t at = r->rows.n;
  uint32_t size = 0;
  if (!r->key) return;
  rs_buf_add(&r->rows, (const char *)&size, sizeof size);
  for (size_t i = 0; i < r->pc->plan->scan.nfetch; i++) pack_value(&r->rows, &row[i]);
  size = (uint32_t)(r->rows.n - at - sizeof size);
  if (r->rows.rc == RS_OK) memcpy(r->rows.p + at, &size, sizeof size);
  if (r->rows.rc != RS_OK || ++r->n > KEPT_ROWS || r->rows.n > rs_conn_cache_bytes(c->conn) / 4) {
    rs_buf_free(&r->rows);
    rs_free(r->key);
    r->key = NULL;
  }
}

void rs_cache_record_end(struct collection *c, struct cache_record *r)
{
  struct plan_cache *pc = r->pc;
  bool fits = pc && r->key && !pc->whole && c->cache &&
              memory_of(c->cache) + r->rows.n < rs_conn_cache_bytes(c->conn);
  size_t at = 0;
  while (fits && at < r->rows.n) {
    uint32_t size;
    memcpy(&size, r->rows.p + at, sizeof size);
    at += sizeof size;
    fits = rs_records_add(&pc->records, r->key, r->nkey, r->rows.p + at, size, false);
    at += size;
  }
  // without this one, the records before are not found
  if (fits) (void)rs_records_add(&pc->records, r->key, r->nkey, NULL, 0, true);
  rs_cache_record_drop(r);
}
