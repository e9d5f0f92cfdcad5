/*
** Internal header of reading through the module `rockset`: the cursor, as its two files share it.
**
**   scan.c   open, close, xFilter, rows
**   send.c   from (plan, values) to an open request
*/
#ifndef RS_EXT_COLLECTION_SCAN_H
#define RS_EXT_COLLECTION_SCAN_H
#include "cache.h"
#include "internal.h"

/* How often rows of a hash were met: open addressing, a hash of 0 is a free slot. */
struct met {
  uint64_t hash, count;
};

struct cursor {
  sqlite3_vtab_cursor base; /* must be first */
  const struct collection_plan *plan;
  struct rs_session *session; /* while rows are open */
  struct rs_rows *rows;
  struct overlay *overlay;  /* rows that this transaction has queued, or NULL */
  struct cache_scan cached; /* rows that are known already, instead of all these */
  struct cache_record record;
  struct rs_value *row; /* of the plan's fetched columns, while rows are recorded */
  int64_t counted;      /* of a counting plan: rows not yet passed */
  bool eof;
  bool filtered; /* xFilter was called before */
  bool has_id;   /* id is the current row's */
  sqlite3_int64 id;
  struct met *met;
  size_t nmet, met_slots; /* slots: a power of two */
  sqlite3_value **params; /* copies of a query's parameters, collection.nparams of them */
  int *at;                /* of a query lambda's rows: by data column, in the arena */
  struct rs_arena arena;  /* copies of values, for one xFilter */
  struct rs_buf sql;
  struct rs_buf scratch;  /* text on its way to SQLite */
  struct rs_scratch side; /* a value of a sidecar, until the next one */
  const int *direct;      /* the plan's slots while nothing stands between `rows` and SQLite */
};

static inline struct collection *rs_cursor_table(struct cursor *cur)
{
  return (struct collection *)cur->base.pVtab;
}

/* ---- send.c ---------------------------------------------------------------------------------- */

/* What each of the plan's terms becomes with these values, in the cursor's arena; *never is set
** when one of them excludes every row. Returns SQLite's code. */
int rs_scan_bind(struct cursor *cur, sqlite3_value **argv, struct rs_bound *bounds, bool *never);
/* Opens the rows of the cursor's plan with these values: cur->session, rows, overlay. Blocks. */
enum rs_code rs_scan_open(struct cursor *cur, struct rs_scan_values *values, struct rs_error *e);
/* For the cache: all rows of the plan's scan without some of its terms (a cache_fetch.run; ctx is a
** struct scan_whole). */
struct scan_whole {
  struct cursor *cur;
  const struct rs_bound *bounds;
};
enum rs_code rs_scan_whole(void *ctx, const int *fetch, size_t nfetch, const bool *without,
                           rs_cache_row_fn fn, void *fn_ctx, struct rs_error *e);
#endif
