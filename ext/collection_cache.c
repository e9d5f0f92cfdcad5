/*
** Rows of keyed lookups, kept while a cursor is open (collection_cache.h).
**
** A record: struct record, the key's bytes, the values of the plan's fetched columns. The key is
** the values of all terms; of a table that was fetched whole, those of the terms `column = value`
** that are left out. Its other terms that vary (`column < value`) are looked at here, row by row:
** what they need and nobody fetches stands behind the fetched columns.
*/
#include "collection_cache.h"
#include "collection_write.h"
#include "../src/adapter/pack.h"
#include "../src/base/mem.h"
#include "../src/base/thread.h"

#include <string.h>

#define DATA_MAX ((size_t)3 << 30) /* places are 32 bits */
#define KEPT_ROWS 10000            /* of one lookup */
#define RECORD_AFTER 1             /* lookups of a plan before their rows are kept */
#define WHOLE_AFTER 3              /* before the whole table is fetched */
#define UNKNOWN_ROWS 100000
#define FETCH_US 3000 /* of a whole fetch: to begin with, and for each row */
#define ROW_US 0.25

struct record {
  uint32_t next; /* the record behind it in its chain + 1, 0: none */
  uint32_t nkey; /* its highest bit: the key is known to have no more rows, this is none itself */
  uint32_t size;
};
#define KNOWN ((uint32_t)1 << 31)

struct chain {
  uint32_t first, last; /* records + 1 */
};

struct plan_cache {
  struct plan_cache *next;
  const struct collection_plan *plan;
  struct rs_buf data;
  struct chain *slots; /* by hash, in the order in which the rows came */
  size_t nslots, nrecords;
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
  rs_free(pc->slots);
  rs_buf_free(&pc->data);
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
  rs_buf_init(&pc->data, DATA_MAX);
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
  if (bound->kind < RS_BOUND_CMP) return;
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
static bool is_plain(const struct rs_bound *b, enum rs_type type)
{
  if (b->kind != RS_BOUND_CMP || b->bytes || b->or_number) return false;
  switch (type) {
    case RS_T_INT:
    case RS_T_BOOL: return b->value.kind == RS_INT || b->value.kind == RS_BOOL;
    case RS_T_TEXT: return b->value.kind == RS_TEXT;
    case RS_T_BYTES: return b->value.kind == RS_BYTES;
    default: return false;
  }
}

/* SQLite's order of two values of one kind, texts by their bytes. */
static int compare(const struct rs_value *a, const struct rs_value *b)
{
  if (a->kind != RS_TEXT && a->kind != RS_BYTES) return (a->i > b->i) - (a->i < b->i);
  size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;
  int c = n > 0 ? memcmp(a->s.p, b->s.p, n) : 0;
  return c != 0 ? c : (a->s.n > b->s.n) - (a->s.n < b->s.n);
}

static bool holds(const struct rs_value *v, enum rs_op op, const struct rs_value *than)
{
  if (v->kind == RS_NULL) return false;
  int c = compare(v, than);
  switch (op) {
    case RS_OP_LT: return c < 0;
    case RS_OP_LE: return c <= 0;
    case RS_OP_GT: return c > 0;
    case RS_OP_GE: return c >= 0;
    case RS_OP_NE: return c != 0;
    default: return c == 0;
  }
}

/* As rows and lookups have it in common. */
static void pack_key(struct rs_buf *b, const struct rs_value *v)
{
  struct rs_value key = *v;
  if (key.kind == RS_BOOL) key.kind = RS_INT;
  pack_value(b, &key);
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

/* ---- records --------------------------------------------------------------------------------- */

static size_t memory_of(const struct rs_cache *cache)
{
  size_t n = 0;
  for (const struct plan_cache *pc = cache->plans; pc; pc = pc->next)
    n += pc->data.n + pc->nslots * sizeof *pc->slots;
  return n;
}

static void record_at(const struct plan_cache *pc, uint32_t at, struct record *r)
{
  memcpy(r, pc->data.p + at - 1, sizeof *r);
}

static const char *key_of(const struct plan_cache *pc, uint32_t at)
{
  return pc->data.p + at - 1 + sizeof(struct record);
}

/* Puts the record at the end of its chain. */
static void chain_up(struct plan_cache *pc, uint32_t at)
{
  struct record r;
  record_at(pc, at, &r);
  size_t slot = rs_pack_hash(key_of(pc, at), r.nkey & ~KNOWN) & (pc->nslots - 1);
  struct chain *chain = &pc->slots[slot];
  r.next = 0;
  memcpy(pc->data.p + at - 1, &r, sizeof r);
  if (chain->last) memcpy(pc->data.p + chain->last - 1, &at, sizeof at); // its `next`
  else chain->first = at;
  chain->last = at;
}

static bool grow_slots(struct plan_cache *pc)
{
  if (pc->nrecords + 1 <= pc->nslots) return true;
  size_t n = pc->nslots ? 2 * pc->nslots : 256;
  struct chain *slots = rs_calloc(n, sizeof *slots);
  if (!slots) return false;
  rs_free(pc->slots);
  pc->slots = slots;
  pc->nslots = n;
  for (size_t at = 0; at < pc->data.n;) {
    struct record r;
    record_at(pc, (uint32_t)at + 1, &r);
    chain_up(pc, (uint32_t)at + 1);
    at += r.size;
  }
  return true;
}

/* A record of a row (its packed values), or with `known` the one that says that it was the last. */
static bool add_record(struct plan_cache *pc, const char *key, size_t nkey, const char *values,
                       size_t n, bool known)
{
  size_t size = sizeof(struct record) + nkey + n, at = pc->data.n;
  const struct record r = {0, (uint32_t)nkey | (known ? KNOWN : 0), (uint32_t)size};
  if (!grow_slots(pc) || !rs_buf_reserve(&pc->data, size)) return false;
  rs_buf_add(&pc->data, (const char *)&r, sizeof r);
  rs_buf_add(&pc->data, key, nkey);
  rs_buf_add(&pc->data, values, n);
  chain_up(pc, (uint32_t)at + 1);
  pc->nrecords++;
  return true;
}

/* From `at` on: the next record of that key. */
static uint32_t find_record(const struct plan_cache *pc, uint32_t at, const char *key, size_t nkey,
                            bool known)
{
  while (at != 0) {
    struct record r;
    record_at(pc, at, &r);
    if (r.nkey == ((uint32_t)nkey | (known ? KNOWN : 0)) && memcmp(key_of(pc, at), key, nkey) == 0)
      return at;
    at = r.next;
  }
  return 0;
}

static uint32_t chain_of(const struct plan_cache *pc, const char *key, size_t nkey)
{
  return pc->nslots ? pc->slots[rs_pack_hash(key, nkey) & (pc->nslots - 1)].first : 0;
}

/* ---- the whole table ------------------------------------------------------------------------- */

struct fill {
  struct collection *c;
  struct plan_cache *pc;
  const int *key; /* by term: its column's place among the fetched ones, -1: it is no key */
  int *more;      /* places of what is looked at and not wanted otherwise */
  size_t nmore;
  struct rs_buf values;
  size_t budget;
  bool full;
};

static enum rs_code take_row(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct fill *f = ctx;
  const struct rs_scan *s = &f->pc->plan->scan;
  rs_buf_clear(&f->pc->key);
  rs_buf_clear(&f->values);
  for (size_t i = 0; i < s->nterms; i++) {
    if (f->key[i] < 0) continue;
    if (row[f->key[i]].kind == RS_NULL) return RS_OK; // equal to nothing
    pack_key(&f->pc->key, &row[f->key[i]]);
  }
  for (size_t i = 0; i < s->nfetch; i++) pack_value(&f->values, &row[i]);
  for (size_t i = 0; i < f->nmore; i++) pack_value(&f->values, &row[f->more[i]]);
  if (f->pc->key.rc != RS_OK || f->values.rc != RS_OK ||
      !add_record(f->pc, rs_buf_text(&f->pc->key), f->pc->key.n, rs_buf_text(&f->values),
                  f->values.n, false))
    return rs_nomem(e);
  f->full = f->pc->data.n + f->pc->nslots * sizeof *f->pc->slots > f->budget;
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
    if (!is_plain(&bounds[i], s->columns[s->terms[i].column].type)) return false;
    any = any || s->terms[i].op == RS_OP_EQ;
  }
  return any;
}

static enum rs_code fetch_whole(struct collection *c, struct plan_cache *pc,
                                const struct cache_fetch *fetch, struct rs_error *e)
{
  const struct rs_scan *s = &pc->plan->scan;
  size_t nfetch = s->nfetch;
  int *columns = rs_calloc(s->nfetch + s->nterms + 1, sizeof *columns);
  int *key = rs_calloc(s->nterms + 1, sizeof *key), *more = rs_calloc(s->nterms + 1, sizeof *more);
  struct fill f = {.c = c, .pc = pc, .key = key, .more = more};
  rs_buf_init(&f.values, RS_BUF_SQL_MAX * 16);
  enum rs_code rc = columns && key && more ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) {
    if (s->nfetch) memcpy(columns, s->fetch, s->nfetch * sizeof *columns);
    for (size_t i = 0; i < s->nterms; i++) {
      int column = s->terms[i].column, slot = pc->plan->slot[column];
      key[i] = -1;
      if (!pc->varies[i]) continue;
      bool wanted = slot >= 0;
      if (!wanted) columns[slot = (int)nfetch++] = column;
      if (s->terms[i].op == RS_OP_EQ) {
        key[i] = slot;
        continue;
      }
      pc->place[i] = wanted ? slot : (int)(s->nfetch + f.nmore);
      if (!wanted) more[f.nmore++] = slot;
    }
    pc->nvalues = s->nfetch + f.nmore;
    size_t others = memory_of(c->cache), budget = rs_conn_cache_bytes(c->conn);
    f.budget = budget > others ? budget - others : 0;
    rc = fetch->run(fetch->ctx, columns, nfetch, pc->varies, take_row, &f, e);
  }
  pc->whole = rc == RS_OK && !f.full;
  pc->refused = !pc->whole;
  rs_buf_free(&f.values);
  rs_free(columns);
  rs_free(key);
  rs_free(more);
  return rc;
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* The values of the current record. */
static void decode(struct cache_scan *s)
{
  // the block moves when it grows, by another cursor's lookup
  const char *p = key_of(s->pc, s->at) + s->nkey;
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
    if (!holds(&s->row[s->pc->place[i]], op, &than)) return false;
  }
  return true;
}

/* From `at` on: the next record of the scan's key that passes. */
static void walk(struct cache_scan *s, uint32_t at)
{
  struct record r;
  s->at = find_record(s->pc, at, s->key, s->nkey, false);
  while (s->at != 0 && !passes(s)) {
    record_at(s->pc, s->at, &r);
    s->at = find_record(s->pc, r.next, s->key, s->nkey, false);
  }
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
    pack_key(&s->filter, &bounds[i].value);
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
  walk(s, chain_of(pc, key, s->nkey));
  return true;
}

static bool whole_key(struct plan_cache *pc, const struct rs_bound *bounds)
{
  const struct rs_scan *s = &pc->plan->scan;
  for (size_t i = 0; i < s->nterms; i++)
    if (pc->varies[i] && !is_plain(&bounds[i], s->columns[s->terms[i].column].type)) return false;
  rs_buf_clear(&pc->key);
  for (size_t i = 0; i < s->nterms; i++)
    if (pc->varies[i] && pc->place[i] < 0) pack_key(&pc->key, &bounds[i].value);
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
  const struct write_table *w = rs_write_find(c);
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
  if (find_record(pc, chain_of(pc, key, pc->key.n), key, pc->key.n, true)) {
    *hit = start_scan(scan, pc, bounds, &nomem);
    return nomem ? rs_nomem(e) : RS_OK;
  }
  pc->lookups++;
  return start_record(c->conn, cache, pc, record) ? RS_OK : rs_nomem(e);
}

/* ---- reading --------------------------------------------------------------------------------- */

void rs_cache_scan_next(struct cache_scan *s)
{
  struct record r;
  record_at(s->pc, s->at, &r);
  s->decoded = NULL;
  walk(s, r.next);
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
    fits = add_record(pc, r->key, r->nkey, r->rows.p + at, size, false);
    at += size;
  }
  // without this one, the records before are not found
  if (fits) (void)add_record(pc, r->key, r->nkey, NULL, 0, true);
  rs_cache_record_drop(r);
}
