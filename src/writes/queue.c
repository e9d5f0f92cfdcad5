/*
** The write queue (writes.h).
**
** A change is a record (internal.h) in the log (internal.h); its place is its offset there. It
** knows the one of the same key before it, so that going back is a walk over what is cut off.
**
** Where the types allow it, the first rows are kept by column instead (internal.h), as long as
** each is an ADD of a key that is not there yet; the log begins with the first other change. Their
** places are their numbers, and those of the log begin behind them. As long as their keys are
** integers in ascending order, they are in no index: what is greater than the last is new.
*/
#include "writes.h"
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/value/pack.h"
#include "internal.h"

#define RECORD_MAX ((size_t)1 << 30)
struct rs_queue {
  int owners;
  size_t ncolumns;
  int key;
  size_t memory;
  struct rs_write_log log;
  size_t count;
  bool other; /* than ADDs, each of another key, since the last clear */
  unsigned era;
  struct rs_index index; /* the latest change of each key */
  bool ascending;        /* nothing is in the index yet: rows by column, keys in order */
  int64_t top;           /* then: none of them is greater */
  struct mark {
    uint64_t end;
    size_t count;
  } * marks;
  size_t nmarks, marks_cap;
  struct rs_buf record, encoded;    /* scratch */
  struct rs_queue_reader *compare;  /* reads keys for the index */
  struct rs_write_columns *columns; /* the first rows; NULL: they are in the log, too */
};

struct rs_queue_reader {
  struct rs_queue *q;
  uint64_t at; /* of the next record */
  struct rs_write_log_reader log;
  struct rs_value *row;
  bool *mask;
  struct rs_buf encoded, wanted;           /* scratch: keys of rows, and one that is looked for */
  struct rs_write_columns_reader *columns; /* made when there are any */
};

/* ---- values ---------------------------------------------------------------------------------- */

/* The key's encoding, equal for equal keys. */
static void put_key(struct rs_buf *b, const struct rs_value *key)
{
  struct rs_value k = *key;
  k.of = 0;
  rs_buf_clear(b);
  char *p = rs_buf_reserve(b, rs_pack_bound(&k));
  if (p != NULL) b->n += (size_t)(rs_pack(p, &k) - p);
}

enum rs_code rs_queue_hash(const struct rs_value *key, uint64_t *hash, struct rs_error *e)
{
  struct rs_buf b;
  char few[64]; // most keys
  if (rs_pack_bound(key) <= sizeof few) {
    struct rs_value k = *key;
    k.of = 0;
    *hash = rs_pack_hash(few, (size_t)(rs_pack(few, &k) - few));
    return RS_OK;
  }
  rs_buf_init(&b, RECORD_MAX);
  put_key(&b, key);
  enum rs_code rc = rs_buf_error(&b, e, "key");
  if (rc == RS_OK) *hash = rs_pack_hash(b.p, b.n);
  rs_buf_free(&b);
  return rc;
}

/* ---- life ------------------------------------------------------------------------------------ */

enum rs_code rs_queue_new(size_t ncolumns, int key, size_t memory, struct rs_queue **pq,
                          struct rs_error *e)
{
  struct rs_queue *q = rs_calloc(1, sizeof *q);
  if (q == NULL) return rs_nomem(e);
  q->owners = 1;
  q->ncolumns = ncolumns;
  q->key = key;
  q->memory = memory;
  q->ascending = true;
  rs_write_log_init(&q->log, memory);
  rs_buf_init(&q->record, RECORD_MAX);
  rs_buf_init(&q->encoded, RECORD_MAX);
  enum rs_code rc = rs_queue_reader_new(q, &q->compare, e);
  if (rc == RS_OK) *pq = q;
  else rs_queue_free(q);
  return rc;
}

enum rs_code rs_queue_by_column(struct rs_queue *q, const enum rs_type *types, struct rs_error *e)
{
  if (!rs_write_columns_fit(types, q->ncolumns)) return RS_OK;
  return rs_write_columns_new(types, q->ncolumns, q->memory, &q->columns, e);
}

bool rs_queue_is_by_column(const struct rs_queue *q)
{
  return q != NULL && q->columns != NULL && rs_write_log_end(&q->log) == 0;
}

void rs_queue_clear(struct rs_queue *q)
{
  rs_write_log_clear(&q->log);
  if (q->columns != NULL) (void)rs_write_columns_cut(q->columns, 0, NULL);
  q->count = 0;
  q->other = false;
  q->era++;
  rs_index_clear(&q->index);
  q->ascending = true;
  if (q->nmarks > 0) memset(q->marks, 0, q->nmarks * sizeof *q->marks);
}

void rs_queue_free(struct rs_queue *q)
{
  if (q == NULL || --q->owners > 0) return;
  rs_queue_clear(q);
  rs_write_columns_free(q->columns);
  rs_free(q->marks);
  rs_buf_free(&q->record);
  rs_buf_free(&q->encoded);
  rs_queue_reader_free(q->compare);
  rs_free(q);
}

struct rs_queue *rs_queue_share(struct rs_queue *q)
{
  q->owners++;
  return q;
}

size_t rs_queue_count(const struct rs_queue *q)
{
  return q != NULL ? q->count : 0;
}

size_t rs_queue_complete(const struct rs_queue *q)
{
  return rs_queue_is_by_column(q) ? (size_t)rs_write_columns_complete(q->columns) : 0;
}

unsigned rs_queue_era(const struct rs_queue *q)
{
  return q->era;
}

/* Where the log begins: behind the rows that are kept by column. */
static uint64_t log_of(const struct rs_queue *q)
{
  return q->columns != NULL ? (uint64_t)rs_write_columns_rows(q->columns) : 0;
}

static uint64_t end_of(const struct rs_queue *q)
{
  return log_of(q) + rs_write_log_end(&q->log);
}

/* ---- records --------------------------------------------------------------------------------- */

static size_t head_size(const struct rs_queue *q)
{
  return rs_record_head_size(q->key >= 0);
}

/* The record at a place of the log. */
static enum rs_code record_at(struct rs_queue_reader *r, uint64_t place, struct rs_record_head *h,
                              const char **record, struct rs_error *e)
{
  const struct rs_queue *q = r->q;
  const uint64_t at = place - log_of(q);
  if (place >= end_of(q)) return rs_fail(e, RS_INTERNAL, "a queued row is gone");
  enum rs_code rc = rs_write_log_read(&q->log, &r->log, at, head_size(q), record, e);
  if (rc != RS_OK) return rc;
  memcpy(h, *record, head_size(q));
  return rs_write_log_read(&q->log, &r->log, at, h->size, record, e);
}

/* ---- rows by column -------------------------------------------------------------------------- */

static bool read_columns(struct rs_queue_reader *r)
{
  if (r->columns == NULL) r->columns = rs_write_columns_reader_new(r->q->ncolumns);
  return r->columns != NULL;
}

/* Into r->row. */
static enum rs_code read_row(struct rs_queue_reader *r, uint64_t place, struct rs_error *e)
{
  if (!read_columns(r)) return rs_nomem(e);
  return rs_write_columns_get(r->q->columns, r->columns, (int64_t)place, r->row, e);
}

/* ---- the index ------------------------------------------------------------------------------- */

/* Of a row that is kept by column: its key's hash, and the packed key in r->encoded. */
static enum rs_code row_hash(struct rs_queue_reader *r, uint64_t place, uint64_t *hash,
                             struct rs_error *e)
{
  enum rs_code rc = read_row(r, place, e);
  if (rc != RS_OK) return rc;
  put_key(&r->encoded, &r->row[r->q->key]);
  rc = rs_buf_error(&r->encoded, e, "key");
  if (rc == RS_OK) *hash = rs_pack_hash(r->encoded.p, r->encoded.n);
  return rc;
}

static enum rs_code has_key(struct rs_queue_reader *r, uint64_t place, const char *key, size_t nkey,
                            bool *has, struct rs_error *e)
{
  struct rs_record_head h;
  const char *record;
  enum rs_code rc;
  if (place < log_of(r->q)) {
    uint64_t hash;
    rc = row_hash(r, place, &hash, e);
    *has = rc == RS_OK && r->encoded.n == nkey && memcmp(r->encoded.p, key, nkey) == 0;
    return rc;
  }
  rc = record_at(r, place, &h, &record, e);
  *has = rc == RS_OK && h.nkey == nkey && memcmp(record + sizeof h, key, nkey) == 0;
  return rc;
}

/* The slot of a key: with its latest change, or a free one. The key is not in r->encoded. */
static enum rs_code find_slot(struct rs_queue *q, struct rs_queue_reader *r, const char *key,
                              size_t nkey, uint64_t hash, struct rs_index_slot **out,
                              struct rs_error *e)
{
  struct rs_index_slot *s, *reuse = NULL;
  size_t i = hash;
  *out = NULL;
  while ((s = rs_index_next(&q->index, hash, &i)) != NULL) {
    bool has = false;
    if (s->at == 0) { // its key is not known any more
      if (reuse == NULL) reuse = s;
      continue;
    }
    enum rs_code rc = has_key(r, s->at - 1, key, nkey, &has, e);
    if (rc != RS_OK) return rc;
    if (has) {
      *out = s;
      return RS_OK;
    }
  }
  *out = reuse != NULL || q->index.n == 0 ? reuse : &q->index.slots[i];
  return RS_OK;
}

/* Is it greater than all keys, which are in no index? */
static bool ascends(const struct rs_queue *q, const struct rs_value *key)
{
  return q->ascending && key->kind == RS_INT && (q->count == 0 || key->i > q->top);
}

/* The end of ascending keys. After an error it is as before. */
static enum rs_code make_index(struct rs_queue *q, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (!q->ascending) return RS_OK;
  for (uint64_t at = 0; rc == RS_OK && at < log_of(q); at++) {
    uint64_t hash;
    rc = row_hash(q->compare, at, &hash, e);
    if (rc == RS_OK && !rs_index_reserve(&q->index)) rc = rs_nomem(e);
    if (rc != RS_OK) break;
    size_t i = hash;
    while (rs_index_next(&q->index, hash, &i) != NULL) continue; // another key's
    rs_index_set(&q->index, &q->index.slots[i], hash, at + 1);
  }
  if (rc == RS_OK) q->ascending = false;
  else rs_index_clear(&q->index);
  return rc;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* To the log. */
static enum rs_code add_record(struct rs_queue *q, const struct rs_change *c,
                               struct rs_record_head *h, struct rs_error *e)
{
  h->kind = (uint8_t)c->kind;
  h->whole = c->whole;
  h->meets = (uint8_t)c->meets;
  rs_record_encode(c, q->encoded.p, h, q->ncolumns, q->key >= 0, &q->record);
  enum rs_code rc = rs_buf_error(&q->record, e, "a row to be written");
  return rc == RS_OK ? rs_write_log_add(&q->log, &q->record, e) : rc;
}

enum rs_code rs_queue_add(struct rs_queue *q, const struct rs_change *c, struct rs_error *e)
{
  struct rs_record_head h;
  struct rs_index_slot *slot = NULL;
  enum rs_code rc = RS_OK;
  memset(&h, 0, sizeof h); // padding lies in the log
  const bool next = c->kind == RS_CHANGE_ADD && rs_queue_is_by_column(q) && ascends(q, &c->key);
  if (q->key >= 0 && !next) {
    rc = make_index(q, e);
    if (rc != RS_OK) return rc;
    put_key(&q->encoded, &c->key);
    rc = rs_buf_error(&q->encoded, e, "key");
    if (rc != RS_OK) return rc;
    h.nkey = (uint32_t)q->encoded.n;
    h.hash = rs_pack_hash(q->encoded.p, q->encoded.n);
    if (!rs_index_reserve(&q->index)) return rs_nomem(e);
    rc = find_slot(q, q->compare, q->encoded.p, q->encoded.n, h.hash, &slot, e);
    if (rc != RS_OK) return rc;
    h.before = slot->hash != 0 ? slot->at : 0;
  }
  const bool fresh = c->kind == RS_CHANGE_ADD && h.before == 0;
  const uint64_t at = end_of(q);
  if (fresh && rs_queue_is_by_column(q)) rc = rs_write_columns_add(q->columns, c->row, e);
  else rc = add_record(q, c, &h, e);
  if (rc != RS_OK) return rc;
  q->count++;
  if (!fresh) q->other = true;
  if (next) q->top = c->key.i;
  if (slot != NULL) rs_index_set(&q->index, slot, h.hash, at + 1);
  return RS_OK;
}

/* ---- savepoints ------------------------------------------------------------------------------ */

bool rs_queue_mark(struct rs_queue *q, int level)
{
  size_t n = (size_t)level + 1;
  if (!rs_grow(&q->marks, &q->marks_cap, n, sizeof *q->marks)) return false;
  for (size_t i = q->nmarks; i < n; i++) q->marks[i] = (struct mark){0, 0};
  q->marks[level] = (struct mark){end_of(q), q->count};
  q->nmarks = n;
  return true;
}

size_t rs_queue_count_at(const struct rs_queue *q, int level)
{
  return (size_t)level < q->nmarks ? q->marks[level].count : 0;
}

/* Points the key of a record that goes to the one before. */
static void forget(struct rs_queue *q, uint64_t hash, uint64_t before, uint64_t at, uint64_t end)
{
  struct rs_index_slot *s;
  if (before > end) return; // an earlier record that goes, too, has done it
  for (size_t i = hash; (s = rs_index_next(&q->index, hash, &i)) != NULL;) {
    // the slot of this key is the one whose latest change leads here
    if (s->at <= end) continue;
    uint64_t k = s->at;
    while (k > at + 1) {
      struct rs_record_head other;
      const char *record;
      if (k <= log_of(q)) break; // a row that is kept by column, the first of its key
      if (record_at(q->compare, k - 1, &other, &record, NULL) != RS_OK) break;
      k = other.before;
    }
    if (k != at + 1) continue;
    s->at = before;
    return;
  }
}

/* What comes from `end` on is about to go. */
static enum rs_code forget_from(struct rs_queue *q, uint64_t end, struct rs_error *e)
{
  const uint64_t log = log_of(q);
  enum rs_code rc = RS_OK;
  for (uint64_t at = end; rc == RS_OK && at < end_of(q);) {
    struct rs_record_head h = {.size = 1};
    const char *record;
    rc = at < log ? row_hash(q->compare, at, &h.hash, e)
                  : record_at(q->compare, at, &h, &record, e);
    if (rc == RS_OK) forget(q, h.hash, h.before, at, end);
    at += h.size;
  }
  return rc;
}

static enum rs_code cut(struct rs_queue *q, uint64_t end, struct rs_error *e)
{
  const uint64_t log = log_of(q);
  if (end < log) {
    enum rs_code rc = rs_write_columns_cut(q->columns, (int64_t)end, e);
    if (rc != RS_OK) return rc;
  }
  rs_write_log_cut(&q->log, end > log ? end - log : 0);
  return RS_OK;
}

enum rs_code rs_queue_rewind(struct rs_queue *q, int level, struct rs_error *e)
{
  struct mark m = {0, 0};
  if ((size_t)level < q->nmarks) {
    m = q->marks[level];
    q->nmarks = (size_t)level + 1;
  }
  if (m.end >= end_of(q)) return RS_OK;
  if (m.end == 0) {
    rs_queue_clear(q);
    return RS_OK;
  }
  enum rs_code rc = q->key >= 0 && !q->ascending ? forget_from(q, m.end, e) : RS_OK;
  if (rc == RS_OK) rc = cut(q, m.end, e);
  if (rc != RS_OK) return rc;
  q->count = m.count;
  q->era++;
  return RS_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum rs_code rs_queue_reader_new(struct rs_queue *q, struct rs_queue_reader **pr,
                                 struct rs_error *e)
{
  struct rs_queue_reader *r = rs_calloc(1, sizeof *r);
  if (r == NULL) return rs_nomem(e);
  r->q = q;
  r->row = rs_calloc(q->ncolumns + 1, sizeof *r->row);
  r->mask = rs_calloc(q->ncolumns + 1, sizeof *r->mask);
  rs_buf_init(&r->encoded, RECORD_MAX);
  rs_buf_init(&r->wanted, RECORD_MAX);
  if (r->row == NULL || r->mask == NULL) {
    rs_queue_reader_free(r);
    return rs_nomem(e);
  }
  *pr = r;
  return RS_OK;
}

void rs_queue_reader_free(struct rs_queue_reader *r)
{
  if (r == NULL) return;
  rs_write_log_reader_free(&r->log);
  rs_free(r->row);
  rs_free(r->mask);
  rs_buf_free(&r->encoded);
  rs_buf_free(&r->wanted);
  rs_write_columns_reader_free(r->columns);
  rs_free(r);
}

static enum rs_code slot_of(struct rs_queue_reader *r, const struct rs_value *key,
                            struct rs_index_slot **out, struct rs_error *e)
{
  struct rs_queue *q = r->q;
  *out = NULL;
  enum rs_code rc = ascends(q, key) ? RS_OK : make_index(q, e);
  if (rc != RS_OK || q->index.n == 0) return rc;
  put_key(&r->wanted, key);
  rc = rs_buf_error(&r->wanted, e, "key");
  if (rc == RS_OK) {
    uint64_t hash = rs_pack_hash(r->wanted.p, r->wanted.n);
    rc = find_slot(q, r, r->wanted.p, r->wanted.n, hash, out, e);
  }
  if (rc == RS_OK && *out != NULL && ((*out)->hash == 0 || (*out)->at == 0)) *out = NULL;
  return rc;
}

enum rs_code rs_queue_has(struct rs_queue_reader *r, const struct rs_value *key, bool *has,
                          struct rs_error *e)
{
  struct rs_index_slot *s;
  enum rs_code rc = slot_of(r, key, &s, e);
  *has = s != NULL;
  return rc;
}

enum rs_code rs_queue_at(struct rs_queue_reader *r, uint64_t place, struct rs_change *out,
                         struct rs_error *e)
{
  struct rs_record_head h;
  const char *record;
  if (place < log_of(r->q)) {
    enum rs_code rc = read_row(r, place, e);
    memset(out, 0, sizeof *out); // an ADD
    out->row = r->row;
    out->mask = r->mask;
    if (r->q->key >= 0) out->key = r->row[r->q->key];
    return rc;
  }
  enum rs_code rc = record_at(r, place, &h, &record, e);
  if (rc == RS_OK)
    rs_record_decode(record, r->q->ncolumns, r->q->key >= 0, &h, r->row, r->mask, out);
  return rc;
}

enum rs_code rs_queue_find(struct rs_queue_reader *r, const struct rs_value *key,
                           struct rs_change *out, struct rs_error *e)
{
  struct rs_index_slot *s;
  enum rs_code rc = slot_of(r, key, &s, e);
  if (rc != RS_OK) return rc;
  return s != NULL ? rs_queue_at(r, s->at - 1, out, e) : RS_DONE;
}

void rs_queue_start(struct rs_queue_reader *r)
{
  r->at = 0;
}

/* Whether it is the latest change of its key; *size: of what stands there. */
static enum rs_code is_latest(struct rs_queue_reader *r, uint64_t at, bool *latest, uint64_t *size,
                              struct rs_error *e)
{
  const struct rs_queue *q = r->q;
  const bool asks = q->key >= 0 && q->other;
  struct rs_record_head h = {.size = 1};
  const char *record;
  enum rs_code rc = RS_OK;
  if (at >= log_of(q)) rc = record_at(r, at, &h, &record, e);
  else if (asks) rc = row_hash(r, at, &h.hash, e);
  *latest = rc == RS_OK && (!asks || rs_index_has(&q->index, h.hash, at));
  *size = h.size;
  return rc;
}

enum rs_code rs_queue_next(struct rs_queue_reader *r, struct rs_change *out, uint64_t *place,
                           struct rs_error *e)
{
  while (r->at < end_of(r->q)) {
    uint64_t at = r->at, size;
    bool latest;
    enum rs_code rc = is_latest(r, at, &latest, &size, e);
    if (rc != RS_OK) return rc;
    r->at += size;
    if (!latest) continue;
    if (place != NULL) *place = at;
    return rs_queue_at(r, at, out, e);
  }
  return RS_DONE;
}

enum rs_code rs_queue_next_array(struct rs_queue_reader *r, struct ArrowArray *out,
                                 struct rs_error *e)
{
  int64_t row = (int64_t)r->at;
  if (!rs_queue_is_by_column(r->q))
    return rs_fail(e, RS_INTERNAL, "queued rows are not kept by column");
  if (!read_columns(r)) return rs_nomem(e);
  enum rs_code rc = rs_write_columns_array(r->q->columns, r->columns, &row, out, e);
  r->at = (uint64_t)row;
  return rc;
}

enum rs_code rs_queue_next_complete(struct rs_queue_reader *r, struct ArrowArray *out,
                                    struct rs_error *e)
{
  return r->at < rs_queue_complete(r->q) ? rs_queue_next_array(r, out, e) : RS_DONE;
}
