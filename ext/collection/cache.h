/*
** What keyed lookups of a virtual table found, kept while any cursor of it is open: SQLite asks the
** inner table of a join, or of a correlated subquery, once for each outer row.
**
**   rs_cache_enter, rs_cache_leave   a cursor opens, closes; the last one frees everything
**   rs_cache_find                    the rows of these values, when they are known; or the whole
**                                    table is fetched now, once, when the lookups so far have cost
**                                    as much as that may cost; or the lookup's rows are to be
**                                    recorded: rs_cache_record_*
**
** Two kinds of knowledge of a plan (struct collection_plan), of which the second replaces the
** first: the rows of the values that were asked for; or all rows, by the terms `column = value`
** whose values changed from lookup to lookup; other terms that changed are looked at row by row.
** Both are records in one block, chained by hash.
** All plans of a table share the budget (rs_conn_cache_bytes); what is beyond it is not kept.
**
** What this connection sends otherwise (rs_conn_era) makes the knowledge void. While rows are
** queued by a write nothing is answered from here.
**
** Threads: SQLite's own. Blocking: rs_cache_find may fetch. Errors: those of the engine.
*/
#ifndef RS_EXT_COLLECTION_CACHE_H
#define RS_EXT_COLLECTION_CACHE_H
#include "internal.h"

struct plan_cache;

/* Rows of the cache as a cursor walks them. */
struct cache_scan {
  struct plan_cache *pc; /* NULL: not from the cache */
  uint32_t at;           /* the current record + 1, 0: the end */
  const char *key;       /* owned by the scan (rs_cache_scan_close) */
  size_t nkey;
  struct rs_value *row; /* of the current record, decoded ... */
  const char *decoded;  /* ... from this place */
  struct rs_buf filter; /* values of the terms that are looked at here, each behind its operator */
};

/* Rows of a lookup that are being recorded. */
struct cache_record {
  struct plan_cache *pc; /* NULL: none */
  char *key;
  size_t nkey;
  struct rs_buf rows;
  size_t n;
  int64_t started_us;
};

/* How the whole table is fetched: scan.c knows how to send. fetch: columns, nfetch of
** them; `without`, by term: it is not sent. fn gets each row. */
typedef enum rs_code (*rs_cache_row_fn)(void *ctx, const struct rs_value *row, struct rs_error *e);
struct cache_fetch {
  enum rs_code (*run)(void *ctx, const int *fetch, size_t nfetch, const bool *without,
                      rs_cache_row_fn fn, void *fn_ctx, struct rs_error *e);
  void *ctx;
};

void rs_cache_enter(struct collection *c);
void rs_cache_leave(struct collection *c);
/* True in *hit: scan is on the first row, or at the end. Else record may have been started. */
enum rs_code rs_cache_find(struct collection *c, const struct collection_plan *plan,
                           const struct rs_scan_values *values, sqlite3_value *const *params,
                           const struct cache_fetch *fetch, struct cache_scan *scan,
                           struct cache_record *record, bool *hit, struct rs_error *e);
void rs_cache_scan_next(struct cache_scan *s);
/* The value of a fetched column, by its slot in the plan. */
void rs_cache_scan_get(struct cache_scan *s, int slot, struct rs_value *out);
void rs_cache_scan_close(struct cache_scan *s);

/* A row of the lookup, by slot; what can't be kept ends the recording. */
void rs_cache_record_row(struct collection *c, struct cache_record *r, const struct rs_value *row);
/* The lookup's rows were all read: they are known from now on. */
void rs_cache_record_end(struct collection *c, struct cache_record *r);
void rs_cache_record_drop(struct cache_record *r);
#endif
