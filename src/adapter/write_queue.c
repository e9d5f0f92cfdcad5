/*
** The write queue (write_queue.h).
**
** A record: struct head (its first half where there is no key), the key, of a patch a byte for each
** column (bit 0: the value is there, bit 1: it is in the patch's mask), the values. A value: a byte
** with its kind and the size of the number behind it, which is an integer (zigzag) or a length.
** Places are offsets in the log: the first `flushed` bytes are in
** the file, the others in memory. A record knows the one of the same key before it, so that going
** back is a walk over what is cut off.
**
** Without a key, and where the types allow it, rows are kept by column instead (write_columns.h):
** there is no log then, and places are numbers of rows.
*/
#include "write_queue.h"
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include "../base/buf.h"
#include "../base/mem.h"
#include "pack.h"
#include "spill.h"
#include "write_columns.h"

#define RECORD_MAX ((size_t)1 << 30)
#define READ_AHEAD ((size_t)256 << 10)
enum { HAS_VALUE = 1, IN_MASK = 2 };

struct head {
  uint32_t size; /* of the whole record */
  uint32_t nkey;
  uint8_t kind, whole;
  uint64_t before; /* place + 1 of the record of the same key before; 0: none */
  uint64_t hash;
};

struct slot {
  uint64_t hash; /* 0: free */
  uint64_t at;   /* place + 1 of the latest; 0: none any more */
};

struct rs_queue {
  size_t ncolumns;
  int key;
  size_t memory;
  struct rs_buf tail; /* the log from `flushed` on */
  uint64_t flushed;
  int fd; /* -1: no file yet */
  size_t count;
  bool other; /* than ADDs, each of another key, since the last clear */
  unsigned era;
  struct slot *slots;
  size_t nslots, used; /* nslots: a power of two or 0 */
  struct mark {
    uint64_t end;
    size_t count;
  } * marks;
  size_t nmarks, marks_cap;
  struct rs_buf record, encoded;    /* scratch */
  struct rs_queue_reader *compare;  /* reads keys for the index */
  struct rs_write_columns *columns; /* the rows; NULL: there is a log */
};

struct rs_queue_reader {
  struct rs_queue *q;
  uint64_t at; /* of the next record */
  char *chunk; /* a piece of the file */
  size_t chunk_cap, chunk_n;
  uint64_t chunk_at;
  unsigned chunk_era;
  struct rs_value *row;
  bool *mask;
  struct rs_buf encoded;
  struct rs_write_columns_reader *columns; /* made when there are any */
};

/* ---- values ---------------------------------------------------------------------------------- */

/* The key's encoding, equal for equal keys. */
static void put_key(struct rs_buf *b, const struct rs_value *key)
{
  rs_buf_clear(b);
  char *p = rs_buf_reserve(b, rs_pack_bound(key));
  if (p != NULL) b->n += (size_t)(rs_pack(p, key) - p);
}

enum rs_code rs_queue_hash(const struct rs_value *key, uint64_t *hash, struct rs_error *e)
{
  struct rs_buf b;
  char few[64]; // most keys
  if (rs_pack_bound(key) <= sizeof few) {
    *hash = rs_pack_hash(few, (size_t)(rs_pack(few, key) - few));
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
  q->ncolumns = ncolumns;
  q->key = key;
  q->memory = memory;
  q->fd = -1;
  rs_buf_init(&q->tail, memory + 2 * RECORD_MAX);
  rs_buf_init(&q->record, RECORD_MAX);
  rs_buf_init(&q->encoded, RECORD_MAX);
  enum rs_code rc = rs_queue_reader_new(q, &q->compare, e);
  if (rc == RS_OK) *pq = q;
  else rs_queue_free(q);
  return rc;
}

enum rs_code rs_queue_by_column(struct rs_queue *q, const enum rs_type *types, struct rs_error *e)
{
  if (q->key >= 0 || !rs_write_columns_fit(types, q->ncolumns)) return RS_OK;
  return rs_write_columns_new(types, q->ncolumns, q->memory, &q->columns, e);
}

bool rs_queue_is_by_column(const struct rs_queue *q)
{
  return q->columns != NULL;
}

void rs_queue_clear(struct rs_queue *q)
{
  if (q->fd >= 0) (void)close(q->fd);
  q->fd = -1;
  rs_buf_free(&q->tail);
  rs_buf_init(&q->tail, q->memory + 2 * RECORD_MAX);
  q->flushed = 0;
  if (q->columns != NULL) (void)rs_write_columns_cut(q->columns, 0, NULL);
  q->count = 0;
  q->other = false;
  q->era++;
  rs_free(q->slots);
  q->slots = NULL;
  q->nslots = q->used = 0;
  if (q->nmarks > 0) memset(q->marks, 0, q->nmarks * sizeof *q->marks);
}

void rs_queue_free(struct rs_queue *q)
{
  if (q == NULL) return;
  rs_queue_clear(q);
  rs_write_columns_free(q->columns);
  rs_free(q->marks);
  rs_buf_free(&q->record);
  rs_buf_free(&q->encoded);
  rs_queue_reader_free(q->compare);
  rs_free(q);
}

size_t rs_queue_count(const struct rs_queue *q)
{
  return q->count;
}

size_t rs_queue_complete(const struct rs_queue *q)
{
  return q->columns != NULL ? (size_t)rs_write_columns_complete(q->columns) : 0;
}

unsigned rs_queue_era(const struct rs_queue *q)
{
  return q->era;
}

static uint64_t end_of(const struct rs_queue *q)
{
  if (q->columns != NULL) return (uint64_t)rs_write_columns_rows(q->columns);
  return q->flushed + q->tail.n;
}

/* ---- the file -------------------------------------------------------------------------------- */

static enum rs_code flush(struct rs_queue *q, struct rs_error *e)
{
  enum rs_code rc = q->fd < 0 ? rs_spill_open(&q->fd, e) : RS_OK;
  if (rc == RS_OK) rc = rs_spill_write(q->fd, q->flushed, q->tail.p, q->tail.n, e);
  if (rc != RS_OK) return rc; // what was written is written again
  q->flushed += q->tail.n;
  rs_buf_clear(&q->tail);
  return RS_OK;
}

/* n bytes at a place of the file, borrowed. */
static enum rs_code file_bytes(struct rs_queue_reader *r, uint64_t at, size_t n, const char **out,
                               struct rs_error *e)
{
  struct rs_queue *q = r->q;
  bool have = r->chunk_era == q->era && at >= r->chunk_at && at + n <= r->chunk_at + r->chunk_n;
  if (!have) {
    size_t want = n > READ_AHEAD ? n : READ_AHEAD;
    if (want > q->flushed - at) want = (size_t)(q->flushed - at);
    if (!rs_grow(&r->chunk, &r->chunk_cap, want, 1)) return rs_nomem(e);
    r->chunk_n = 0;
    enum rs_code rc = rs_spill_read(q->fd, at, r->chunk, want, e);
    if (rc != RS_OK) return rc;
    r->chunk_n = want;
    r->chunk_at = at;
    r->chunk_era = q->era;
  }
  *out = r->chunk + (at - r->chunk_at);
  return RS_OK;
}

/* Without a key nothing leads from record to record. */
static size_t head_size(const struct rs_queue *q)
{
  return q->key >= 0 ? sizeof(struct head) : offsetof(struct head, before);
}

/* The record at a place. */
static enum rs_code record_at(struct rs_queue_reader *r, uint64_t at, struct head *h,
                              const char **record, struct rs_error *e)
{
  const struct rs_queue *q = r->q;
  if (at >= end_of(q)) return rs_fail(e, RS_INTERNAL, "a queued row is gone");
  enum rs_code rc = RS_OK;
  if (at >= q->flushed) {
    *record = q->tail.p + (at - q->flushed);
    memcpy(h, *record, head_size(q));
    return RS_OK;
  }
  rc = file_bytes(r, at, head_size(q), record, e);
  if (rc != RS_OK) return rc;
  memcpy(h, *record, head_size(q));
  return file_bytes(r, at, h->size, record, e);
}

/* ---- the index ------------------------------------------------------------------------------- */

/* The slot of a key: with its latest change, or a free one. */
static enum rs_code find_slot(struct rs_queue *q, struct rs_queue_reader *r, const char *key,
                              size_t nkey, uint64_t hash, struct slot **out, struct rs_error *e)
{
  struct slot *reuse = NULL;
  size_t i = hash & (q->nslots - 1);
  *out = NULL;
  for (; q->slots[i].hash != 0; i = (i + 1) & (q->nslots - 1)) {
    struct slot *s = &q->slots[i];
    struct head h;
    const char *record;
    if (s->hash != hash) continue;
    if (s->at == 0) { // its key is not known any more
      if (reuse == NULL) reuse = s;
      continue;
    }
    enum rs_code rc = record_at(r, s->at - 1, &h, &record, e);
    if (rc != RS_OK) return rc;
    if (h.nkey == nkey && memcmp(record + sizeof h, key, nkey) == 0) {
      *out = s;
      return RS_OK;
    }
  }
  *out = reuse != NULL ? reuse : &q->slots[i];
  return RS_OK;
}

static bool grow_index(struct rs_queue *q)
{
  if (q->nslots > 0 && 4 * (q->used + 1) <= 3 * q->nslots) return true;
  size_t n = q->nslots > 0 ? 2 * q->nslots : 64;
  struct slot *slots = rs_calloc(n, sizeof *slots);
  if (slots == NULL) return false;
  q->used = 0;
  for (size_t i = 0; i < q->nslots; i++) {
    if (q->slots[i].at == 0) continue;
    size_t k = q->slots[i].hash & (n - 1);
    while (slots[k].hash != 0) k = (k + 1) & (n - 1);
    slots[k] = q->slots[i];
    q->used++;
  }
  rs_free(q->slots);
  q->slots = slots;
  q->nslots = n;
  return true;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool has_value(const struct rs_change *c, size_t i)
{
  if (c->row == NULL) return false;
  return c->kind != RS_CHANGE_PATCH || c->whole || c->mask[i];
}

static void encode(struct rs_queue *q, const struct rs_change *c, struct head *h)
{
  struct rs_buf *b = &q->record;
  size_t nhead = head_size(q), bound = nhead + h->nkey + q->ncolumns;
  for (size_t i = 0; i < q->ncolumns; i++) bound += has_value(c, i) ? rs_pack_bound(&c->row[i]) : 0;
  rs_buf_clear(b);
  char *start = rs_buf_reserve(b, bound);
  if (start == NULL) return;
  char *p = start + nhead;
  if (h->nkey > 0) memcpy(p, q->encoded.p, h->nkey);
  p += h->nkey;
  if (c->kind == RS_CHANGE_PATCH) {
    for (size_t i = 0; i < q->ncolumns; i++)
      *p++ = (char)((has_value(c, i) ? HAS_VALUE : 0) | (c->mask[i] ? IN_MASK : 0));
  }
  for (size_t i = 0; i < q->ncolumns; i++) {
    if (has_value(c, i)) p = rs_pack(p, &c->row[i]);
  }
  b->n = (size_t)(p - start);
  h->size = (uint32_t)b->n;
  memcpy(start, h, nhead);
}

enum rs_code rs_queue_add(struct rs_queue *q, const struct rs_change *c, struct rs_error *e)
{
  struct head h;
  struct slot *slot = NULL;
  if (q->columns != NULL) {
    enum rs_code rc = rs_write_columns_add(q->columns, c->row, e);
    q->count += rc == RS_OK;
    return rc;
  }
  memset(&h, 0, sizeof h); // padding lies in the log
  h.kind = (uint8_t)c->kind;
  h.whole = c->whole;
  if (q->tail.n >= q->memory) {
    enum rs_code rc = flush(q, e);
    if (rc != RS_OK) return rc;
  }
  if (q->key >= 0) {
    put_key(&q->encoded, &c->key);
    enum rs_code rc = rs_buf_error(&q->encoded, e, "key");
    if (rc != RS_OK) return rc;
    h.nkey = (uint32_t)q->encoded.n;
    h.hash = rs_pack_hash(q->encoded.p, q->encoded.n);
    if (!grow_index(q)) return rs_nomem(e);
    rc = find_slot(q, q->compare, q->encoded.p, q->encoded.n, h.hash, &slot, e);
    if (rc != RS_OK) return rc;
    h.before = slot->hash != 0 ? slot->at : 0;
  }
  encode(q, c, &h);
  enum rs_code rc = rs_buf_error(&q->record, e, "a row to be written");
  if (rc != RS_OK) return rc;
  uint64_t at = end_of(q);
  rs_buf_add(&q->tail, q->record.p, q->record.n);
  rc = rs_buf_error(&q->tail, e, "rows to be written");
  if (rc != RS_OK) {
    q->tail.rc = RS_OK; // nothing was added
    return rc;
  }
  q->count++;
  if (c->kind != RS_CHANGE_ADD || h.before != 0) q->other = true;
  if (slot == NULL) return RS_OK;
  if (slot->hash == 0) q->used++;
  slot->hash = h.hash;
  slot->at = at + 1;
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
static void forget(struct rs_queue *q, const struct head *h, uint64_t at, uint64_t end)
{
  if (h->before > end) return; // an earlier record that goes, too, has done it
  for (size_t i = h->hash & (q->nslots - 1); q->slots[i].hash != 0; i = (i + 1) & (q->nslots - 1)) {
    // the slot of this key is the one whose latest change leads here
    struct slot *s = &q->slots[i];
    if (s->hash != h->hash || s->at <= end) continue;
    uint64_t k = s->at;
    while (k > at + 1) {
      struct head other;
      const char *record;
      if (record_at(q->compare, k - 1, &other, &record, NULL) != RS_OK) break;
      k = other.before;
    }
    if (k != at + 1) continue;
    s->at = h->before;
    return;
  }
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
  for (uint64_t at = m.end; q->key >= 0 && at < end_of(q);) {
    struct head h;
    const char *record;
    enum rs_code rc = record_at(q->compare, at, &h, &record, e);
    if (rc != RS_OK) return rc;
    forget(q, &h, at, m.end);
    at += h.size;
  }
  if (q->columns != NULL) {
    enum rs_code rc = rs_write_columns_cut(q->columns, (int64_t)m.end, e);
    if (rc != RS_OK) return rc;
  } else if (m.end >= q->flushed) {
    q->tail.n = (size_t)(m.end - q->flushed);
  } else {
    q->flushed = m.end; // what lies beyond in the file is written over
    rs_buf_clear(&q->tail);
  }
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
  rs_free(r->chunk);
  rs_free(r->row);
  rs_free(r->mask);
  rs_buf_free(&r->encoded);
  rs_write_columns_reader_free(r->columns);
  rs_free(r);
}

static void decode(struct rs_queue_reader *r, const struct head *h, const char *record,
                   struct rs_change *out)
{
  const struct rs_queue *q = r->q;
  const char *p = record + head_size(q), *flags = NULL;
  memset(out, 0, sizeof *out);
  out->kind = (enum rs_change_kind)h->kind;
  out->whole = h->whole != 0;
  if (h->nkey > 0) (void)rs_unpack(p, &out->key);
  p += h->nkey;
  if (out->kind == RS_CHANGE_DELETE) return;
  if (out->kind == RS_CHANGE_PATCH) {
    flags = p;
    p += q->ncolumns;
  }
  for (size_t i = 0; i < q->ncolumns; i++) {
    r->mask[i] = flags != NULL && (flags[i] & IN_MASK) != 0;
    if (flags == NULL || (flags[i] & HAS_VALUE) != 0) p = rs_unpack(p, &r->row[i]);
    else r->row[i] = (struct rs_value){.kind = RS_NULL};
  }
  out->row = r->row;
  out->mask = r->mask;
}

static enum rs_code slot_of(struct rs_queue_reader *r, const struct rs_value *key,
                            struct slot **out, struct rs_error *e)
{
  struct rs_queue *q = r->q;
  *out = NULL;
  if (q->nslots == 0) return RS_OK;
  put_key(&r->encoded, key);
  enum rs_code rc = rs_buf_error(&r->encoded, e, "key");
  if (rc == RS_OK) {
    uint64_t hash = rs_pack_hash(r->encoded.p, r->encoded.n);
    rc = find_slot(q, r, r->encoded.p, r->encoded.n, hash, out, e);
  }
  if (rc == RS_OK && *out != NULL && ((*out)->hash == 0 || (*out)->at == 0)) *out = NULL;
  return rc;
}

enum rs_code rs_queue_has(struct rs_queue_reader *r, const struct rs_value *key, bool *has,
                          struct rs_error *e)
{
  struct slot *s;
  enum rs_code rc = slot_of(r, key, &s, e);
  *has = s != NULL;
  return rc;
}

static bool read_columns(struct rs_queue_reader *r)
{
  if (r->columns == NULL) r->columns = rs_write_columns_reader_new(r->q->ncolumns);
  return r->columns != NULL;
}

enum rs_code rs_queue_at(struct rs_queue_reader *r, uint64_t place, struct rs_change *out,
                         struct rs_error *e)
{
  struct head h;
  const char *record;
  if (r->q->columns != NULL) {
    if (!read_columns(r)) return rs_nomem(e);
    memset(out, 0, sizeof *out); // an ADD
    out->row = r->row;
    out->mask = r->mask;
    return rs_write_columns_get(r->q->columns, r->columns, (int64_t)place, r->row, e);
  }
  enum rs_code rc = record_at(r, place, &h, &record, e);
  if (rc == RS_OK) decode(r, &h, record, out);
  return rc;
}

enum rs_code rs_queue_find(struct rs_queue_reader *r, const struct rs_value *key,
                           struct rs_change *out, struct rs_error *e)
{
  struct slot *s;
  enum rs_code rc = slot_of(r, key, &s, e);
  if (rc != RS_OK) return rc;
  return s != NULL ? rs_queue_at(r, s->at - 1, out, e) : RS_DONE;
}

void rs_queue_start(struct rs_queue_reader *r)
{
  r->at = 0;
}

static bool is_latest(const struct rs_queue *q, const struct head *h, uint64_t at)
{
  if (q->key < 0 || !q->other) return true;
  for (size_t i = h->hash & (q->nslots - 1); q->slots[i].hash != 0; i = (i + 1) & (q->nslots - 1)) {
    if (q->slots[i].at == at + 1) return true;
  }
  return false;
}

enum rs_code rs_queue_next(struct rs_queue_reader *r, struct rs_change *out, uint64_t *place,
                           struct rs_error *e)
{
  if (r->q->columns != NULL && r->at < end_of(r->q)) {
    if (place != NULL) *place = r->at;
    return rs_queue_at(r, r->at++, out, e);
  }
  while (r->at < end_of(r->q)) {
    struct head h;
    const char *record;
    uint64_t at = r->at;
    enum rs_code rc = record_at(r, at, &h, &record, e);
    if (rc != RS_OK) return rc;
    r->at += h.size;
    if (!is_latest(r->q, &h, at)) continue;
    decode(r, &h, record, out);
    if (place != NULL) *place = at;
    return RS_OK;
  }
  return RS_DONE;
}

enum rs_code rs_queue_next_array(struct rs_queue_reader *r, struct ArrowArray *out,
                                 struct rs_error *e)
{
  int64_t row = (int64_t)r->at;
  if (r->q->columns == NULL) return rs_fail(e, RS_INTERNAL, "queued rows are not kept by column");
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
