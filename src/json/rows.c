/*
** The reader of rows: the window, the envelope, and the making of batches (see rows.h).
**
** The document is taken item by item: a bracket, a member, a row. An item that is not yet in the
** window as a whole is read again from its start when more of it has come, each time at least an
** eighth longer, so that even a row of many megabytes costs a few passes.
*/
#include "src/base/text.h"
#include "rows.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "internal.h"

#ifndef RS_FUZZ
#define READ_MAX ((size_t)64 << 10) /* of one call: what is read too far gets copied */
#define READ_MIN ((size_t)4 << 10)  /* less room than this is none */
#else
#define READ_MAX ((size_t)64) /* so that small inputs move and grow the window */
#define READ_MIN ((size_t)8)
#endif
#define MORE RS_DONE /* what `read_item` says when the window lacks text */

/* ---- opening and closing --------------------------------------------------------------------- */

static size_t or_default(size_t v, size_t otherwise)
{
  return v != 0 ? v : otherwise;
}

enum rs_code rs_json_rows_open(const struct rs_json_source *source,
                               const struct rs_json_options *options, struct rs_json_rows **pr,
                               struct rs_error *e)
{
  struct rs_json_rows *r = rs_calloc(1, sizeof *r);
  *pr = NULL;
  if (r == NULL) return rs_nomem(e);
  r->source = *source;
  r->options = *options;
  struct rs_json_options *o = &r->options;
  o->max_row = or_default(o->max_row, (size_t)64 << 20);
  o->max_member = or_default(o->max_member, (size_t)16 << 20);
  o->batch_rows = or_default(o->batch_rows, 8192);
  o->batch_text = or_default(o->batch_text, (size_t)256 << 10);
  if (o->max_row > RS_JSON_ITEM_MAX) o->max_row = RS_JSON_ITEM_MAX;
  if (o->max_member > RS_JSON_ITEM_MAX) o->max_member = RS_JSON_ITEM_MAX;
  if (o->batch_text > RS_JSON_ITEM_MAX) o->batch_text = RS_JSON_ITEM_MAX;
  rs_buf_init(&r->name, RS_JSON_ITEM_MAX);
  rs_map_init(&r->columns.index);
  rs_map_init(&r->keys);
  r->what = rs_strdup(options->what);
  r->rows_name = rs_strdup(options->rows);
  o->what = o->rows = NULL; // the copies are used
  if (r->what == NULL || r->rows_name == NULL) {
    rs_json_rows_close(r);
    return rs_nomem(e);
  }
  *pr = r;
  return RS_OK;
}

void rs_json_rows_close(struct rs_json_rows *r)
{
  if (r == NULL) return;
  rs_json_columns_free(r);
  rs_buf_free(&r->name);
  rs_free(r->window);
  rs_free(r->cells);
  rs_free(r->what);
  rs_free(r->rows_name);
  rs_free(r);
}

enum rs_code rs_json_rows_restart(struct rs_json_rows *r, const struct rs_json_source *source,
                                  struct rs_error *e)
{
  if (r->failed != RS_OK || r->state != RS_JSON_END)
    return rs_fail(e, RS_INVALID, "%s: a page follows only on one that was read to its end",
                   r->what);
  r->source = *source;
  r->before += r->base + (int64_t)r->end;
  r->base = 0;
  r->at = r->end = 0;
  if (r->window != NULL) memset(r->window, 0, RS_JSON_PAD);
  r->eof = r->seen = false;
  r->state = RS_JSON_ENVELOPE;
  return RS_OK;
}

bool rs_json_rows_seen(const struct rs_json_rows *r)
{
  return r->seen;
}

int64_t rs_json_rows_bytes(const struct rs_json_rows *r)
{
  return r->before + r->base + (int64_t)r->end;
}

/* ---- the window ------------------------------------------------------------------------------ */

/* The window's usual size: a batch, and what is read beyond it. */
static size_t usual_size(const struct rs_json_rows *r)
{
  return r->options.batch_text + READ_MAX;
}

/* A buffer of the size and its padding, with n bytes in it. */
static char *new_text(const char *p, size_t n, size_t size)
{
  char *text = rs_malloc(size + RS_JSON_PAD);
  if (text == NULL) return NULL;
  if (n > 0) memcpy(text, p, n);
  memset(text + n, 0, RS_JSON_PAD);
  return text;
}

/* All text before r->at was given up; what follows is now at the window's start. */
static void forget_text(struct rs_json_rows *r)
{
  r->base += (int64_t)r->at;
  r->end -= r->at;
  r->at = 0;
}

/* A window of another size for the text from r->at on; false when out of memory. */
static bool replace_window(struct rs_json_rows *r, size_t cap)
{
  char *p = new_text(r->window + r->at, r->end - r->at, cap);
  if (p == NULL) return false;
  rs_free(r->window);
  r->window = p;
  r->cap = cap;
  forget_text(r);
  return true;
}

/* Makes room to read, by giving up the text before r->at or growing. The rows of a batch have to
** stay where they are: *full when there is no room behind them. */
static enum rs_code make_room(struct rs_json_rows *r, bool *full, struct rs_error *e)
{
  *full = false;
  if (r->window == NULL) {
    r->window = new_text(NULL, 0, usual_size(r));
    if (r->window == NULL) return rs_nomem(e);
    r->cap = usual_size(r);
  }
  if (r->cap - r->end >= READ_MIN) return RS_OK;
  if (r->nrows > 0) {
    *full = true;
    return RS_OK;
  }
  // Moving is worth it when it frees as much as it moves
  if (r->at >= r->end - r->at && r->at >= READ_MIN) {
    memmove(r->window, r->window + r->at, r->end - r->at);
    forget_text(r);
    return RS_OK;
  }
  return replace_window(r, r->cap * 2) ? RS_OK : rs_nomem(e);
}

/* Reads until the item at r->at may be complete. *full: the batch must go first. */
static enum rs_code fill_window(struct rs_json_rows *r, bool *full, struct rs_error *e)
{
  size_t size = r->end - r->at, want = size + size / 8 + 1;
  do {
    enum rs_code rc = make_room(r, full, e);
    if (rc != RS_OK || *full) return rc;
    size_t room = r->cap - r->end, n = 0;
    rc = r->source.read(r->source.ctx, r->window + r->end, room < READ_MAX ? room : READ_MAX, &n,
                        e);
    if (rc != RS_OK) return rc;
    if (n > room) return rs_fail(e, RS_INTERNAL, "%s: the source wrote too much", r->what);
    if (n == 0) r->eof = true;
    r->end += n;
    memset(r->window + r->end, 0, RS_JSON_PAD);
  } while (!r->eof && r->end - r->at < want);
  return RS_OK;
}

/* ---- batches --------------------------------------------------------------------------------- */

/* The text of the rows for a batch. Either the batch takes the window and what follows is copied to
** a new one, or the rows' text is copied: the smaller of both, so that the work is bounded. */
static enum rs_code take_text(struct rs_json_rows *r, struct rs_json_batch *b, struct rs_error *e)
{
  size_t used = r->at - r->from, tail = r->end - r->at;
  bool large = r->cap > 2 * usual_size(r); // it held one large row: not to be kept for small ones
  if (tail > used || (large && used < r->cap / 2)) {
    b->text = new_text(r->window + r->from, used, used);
    b->bias = r->from;
    if (b->text == NULL) return rs_nomem(e);
    // that fails: the window is merely larger than it has to be
    if (large && tail <= usual_size(r) / 2) (void)replace_window(r, usual_size(r));
    return RS_OK;
  }
  size_t cap = usual_size(r) > tail ? usual_size(r) : tail;
  char *p = new_text(r->window + r->at, tail, cap);
  if (p == NULL) return rs_nomem(e);
  b->text = r->window;
  r->window = p;
  r->cap = cap;
  forget_text(r);
  return RS_OK;
}

static enum rs_code finish_batch(struct rs_json_rows *r, struct rs_json_batch **pb, size_t *n,
                                 struct rs_error *e)
{
  struct rs_json_batch *b = rs_calloc(1, sizeof *b);
  if (b == NULL) return rs_nomem(e);
  rs_arena_init(&b->extra, 0);
  enum rs_code rc = rs_json_columns_names(r, &b->names, e);
  if (rc == RS_OK) rc = take_text(r, b, e);
  if (rc != RS_OK) {
    rs_json_batch_free(b);
    return rc;
  }
  b->rows = r->nrows;
  // The row that comes next may have added columns already
  b->ncols = r->columns.n < r->stride ? r->columns.n : r->stride;
  b->stride = r->stride;
  b->typed = r->options.typed;
  b->cells = r->cells;
  r->last_ncells = r->nrows * r->stride;
  r->cells = NULL;
  r->ncells = 0;
  r->nrows = 0;
  r->flush = false;
  r->handed = true;
  *pb = b;
  *n = b->rows;
  return RS_OK;
}

void rs_json_batch_free(struct rs_json_batch *b)
{
  if (b == NULL) return;
  rs_json_names_release(b->names);
  rs_arena_free(&b->extra);
  rs_free(b->cells);
  rs_free(b->text);
  rs_free(b);
}

static bool batch_full(const struct rs_json_rows *r)
{
  return r->flush || r->nrows >= r->options.batch_rows ||
         r->at - r->from >= r->options.batch_text || (r->nrows + 1) * r->stride > RS_JSON_CELLS_MAX;
}

/* ---- the envelope ---------------------------------------------------------------------------- */

/* What does not fit at p: MORE when that is the end of the window. */
static enum rs_code misfit(struct rs_json_rows *r, const char *p, const char *expected)
{
  (void)rs_json_bad(&r->scan, p, expected);
  return MORE;
}

/* The failure in r->scan as an error. */
static enum rs_code malformed(struct rs_json_rows *r, struct rs_error *e)
{
  const char *p = r->scan.bad;
  int64_t at = r->base + (p - r->window);
  unsigned char c = (unsigned char)*p;
  if (p >= r->window + r->end)
    return rs_fail(e, RS_REMOTE, "%s: the JSON text is cut off at byte %" PRId64 ": expected %s",
                   r->what, at, r->scan.expected);
  char found[8];
  if (c > 0x20 && c < 0x7F) (void)snprintf(found, sizeof found, "'%c'", c);
  else (void)snprintf(found, sizeof found, "0x%02X", c);
  return rs_fail(e, RS_REMOTE, "%s: malformed JSON at byte %" PRId64 ": expected %s, found %s",
                 r->what, at, r->scan.expected, found);
}

/* A row or another member is larger than allowed. */
static enum rs_code too_large(struct rs_json_rows *r, struct rs_error *e)
{
  int64_t at = r->base + (int64_t)r->at;
  if (r->state == RS_JSON_ROW)
    return rs_fail(e, RS_LIMIT,
                   "%s: the row at byte %" PRId64 " has more than %zu bytes: select fewer or "
                   "shorter columns",
                   r->what, at, r->options.max_row);
  return rs_fail(e, RS_LIMIT, "%s: the member at byte %" PRId64 " has more than %zu bytes", r->what,
                 at, r->options.max_member);
}

static bool is_too_large(const struct rs_json_rows *r, size_t size)
{
  return size > (r->state == RS_JSON_ROW ? r->options.max_row : r->options.max_member);
}

/* Everything before p has been dealt with. */
static enum rs_code go_on(struct rs_json_rows *r, const char *p, enum rs_json_state state)
{
  r->at = (size_t)(p - r->window);
  r->state = state;
  return RS_OK;
}

/* The decoded name of a member between the quotes, NUL-terminated in r->name. */
static enum rs_code decode_name(struct rs_json_rows *r, const char *raw, size_t n,
                                struct rs_error *e)
{
  rs_buf_clear(&r->name);
  rs_buf_add(&r->name, raw, n);
  rs_buf_reserve(&r->name, 1); // its block is there even when it is empty
  if (r->name.rc != RS_OK) return rs_buf_error(&r->name, e, r->what);
  r->name.n = rs_json_unescape(r->name.p, n, r->name.p);
  r->name.p[r->name.n] = 0;
  return RS_OK;
}

/* The value of the rows member at p: an array, whose rows follow, or null. */
static enum rs_code open_rows(struct rs_json_rows *r, const char *p, struct rs_error *e)
{
  if (p >= r->scan.end) return misfit(r, p, "an array of rows");
  if (r->seen)
    return rs_fail(e, RS_REMOTE, "%s: a second member %s at byte %" PRId64, r->what, r->rows_name,
                   r->base + (int64_t)r->at);
  if (*p == 'n') {
    if ((p = rs_json_literal(&r->scan, p, "null", 4)) == NULL) return MORE;
    r->seen = true;
    return go_on(r, p, RS_JSON_AFTER_MEMBER);
  }
  if (*p != '[') return misfit(r, p, "an array of rows");
  r->seen = true;
  return go_on(r, p + 1, RS_JSON_FIRST_ROW);
}

/* Hands a member over; its text is NUL-terminated for the call. */
static enum rs_code deliver(struct rs_json_rows *r, const char *json, const char *end,
                            struct rs_error *e)
{
  if (r->options.member == NULL) return RS_OK;
  char *stop = r->window + (end - r->window), kept = *stop;
  *stop = 0;
  enum rs_code rc = r->options.member(r->options.ctx, r->name.p, r->name.n, json,
                                      (size_t)(end - json), e);
  *stop = kept;
  return rc;
}

static enum rs_code read_member(struct rs_json_rows *r, const char *p, struct rs_error *e)
{
  bool escaped;
  enum rs_json_token kind;
  struct rs_json_figures figures;
  const char *raw = p + 1, *behind = rs_json_string(&r->scan, raw, &escaped);
  if (behind == NULL) return MORE;
  p = rs_json_blank(behind);
  if (*p != ':') return misfit(r, p, "':'");
  p = rs_json_blank(p + 1);
  if (is_too_large(r, (size_t)(p - r->window) - r->at)) return too_large(r, e);
  enum rs_code rc = decode_name(r, raw, (size_t)(behind - raw - 1), e);
  if (rc != RS_OK) return rc;
  if (r->name.n == strlen(r->rows_name) && memcmp(r->name.p, r->rows_name, r->name.n) == 0)
    return open_rows(r, p, e);
  const char *json = p, *end = rs_json_value(&r->scan, p, 1, &kind, &figures);
  if (end == NULL) return MORE;
  // Only then it is complete: a number might go on
  p = rs_json_blank(end);
  if (*p != ',' && *p != '}') return misfit(r, p, "',' or '}'");
  if (is_too_large(r, (size_t)(p - r->window) - r->at)) return too_large(r, e);
  rc = deliver(r, json, end, e);
  return rc == RS_OK ? go_on(r, end, RS_JSON_AFTER_MEMBER) : rc;
}

static enum rs_code read_row(struct rs_json_rows *r, struct rs_error *e)
{
  const char *end;
  r->started = true;
  enum rs_code rc = rs_json_slice_row(r, &end, e);
  if (rc == RS_BUSY) {
    r->flush = true;
    return RS_OK;
  }
  if (rc != RS_OK) return rc;
  size_t at = r->at;
  if (is_too_large(r, (size_t)(end - r->window) - at)) return too_large(r, e);
  if (r->nrows++ == 0) r->from = at;
  return go_on(r, end, RS_JSON_AFTER_ROW);
}

/* Takes the next item. MORE: it is not there as a whole, or does not fit. */
static enum rs_code read_item(struct rs_json_rows *r, struct rs_error *e)
{
  const char *p = rs_json_blank(r->window + r->at);
  r->at = (size_t)(p - r->window); // blanks are no part of the item
  switch (r->state) {
    case RS_JSON_ENVELOPE:
      return *p == '{' ? go_on(r, p + 1, RS_JSON_FIRST_MEMBER) : misfit(r, p, "'{'");
    case RS_JSON_FIRST_MEMBER:
      if (*p == '}') return go_on(r, p + 1, RS_JSON_TAIL);
      return *p == '"' ? read_member(r, p, e) : misfit(r, p, "a member's name or '}'");
    case RS_JSON_MEMBER: return *p == '"' ? read_member(r, p, e) : misfit(r, p, "a member's name");
    case RS_JSON_AFTER_MEMBER:
      if (*p == '}') return go_on(r, p + 1, RS_JSON_TAIL);
      return *p == ',' ? go_on(r, p + 1, RS_JSON_MEMBER) : misfit(r, p, "',' or '}'");
    case RS_JSON_FIRST_ROW:
      if (*p == ']') return go_on(r, p + 1, RS_JSON_AFTER_MEMBER);
      return p < r->scan.end ? go_on(r, p, RS_JSON_ROW) : misfit(r, p, "a row or ']'");
    case RS_JSON_ROW: return read_row(r, e);
    case RS_JSON_AFTER_ROW:
      if (*p == ']') return go_on(r, p + 1, RS_JSON_AFTER_MEMBER);
      return *p == ',' ? go_on(r, p + 1, RS_JSON_ROW) : misfit(r, p, "',' or ']'");
    case RS_JSON_TAIL:
    case RS_JSON_END: break;
  }
  if (p == r->scan.end && r->eof) return go_on(r, p, RS_JSON_END);
  return misfit(r, p, "nothing behind the document");
}

/* Goes on until a batch is full or complete, the first row (`head`), the end (RS_DONE) or an
** error. */
static enum rs_code read_items(struct rs_json_rows *r, bool head, bool *batch, struct rs_error *e)
{
  bool full = false;
  *batch = false;
  if (r->window == NULL) {
    enum rs_code rc = fill_window(r, &full, e);
    if (rc != RS_OK) return rc;
  }
  for (;;) {
    r->scan.end = r->window + r->end;
    if (r->state == RS_JSON_END) return RS_DONE;
    if (head && r->state == RS_JSON_ROW) return RS_OK;
    if (r->nrows > 0 && (batch_full(r) || r->state == RS_JSON_AFTER_MEMBER)) {
      *batch = true;
      return RS_OK;
    }
    enum rs_code rc = read_item(r, e);
    if (rc == RS_OK) continue;
    if (rc != MORE) return rc;
    // Too large comes first, so that the error does not depend on how much is there already
    if (is_too_large(r, (size_t)(r->scan.bad - r->window) - r->at)) return too_large(r, e);
    if (r->scan.bad < r->scan.end || r->eof) return malformed(r, e);
    // Whoever wants the first row does not wait for a full batch
    *batch = r->nrows > 0 && r->columns.fixed && !r->handed;
    if (*batch) return RS_OK;
    rc = fill_window(r, &full, e);
    if (rc != RS_OK) return rc;
    if (full) {
      *batch = true;
      return RS_OK;
    }
  }
}

/* ---- the reader ------------------------------------------------------------------------------ */

/* Keeps a failure for later calls, or repeats it. */
static enum rs_code remember(struct rs_json_rows *r, enum rs_code rc, struct rs_error *e)
{
  if (rc == RS_OK || rc == RS_DONE) return rc;
  r->failed = rc;
  if (e != NULL) *e = r->error;
  return rc;
}

enum rs_code rs_json_rows_head(struct rs_json_rows *r, struct rs_error *e)
{
  bool batch;
  if (r->failed != RS_OK) return remember(r, r->failed, e);
  if (r->started) return r->state == RS_JSON_END ? RS_DONE : RS_OK;
  return remember(r, read_items(r, true, &batch, &r->error), e);
}

enum rs_code rs_json_rows_next(struct rs_json_rows *r, struct rs_json_batch **pb, size_t *n,
                               struct rs_error *e)
{
  bool batch;
  *pb = NULL;
  *n = 0;
  if (r->failed != RS_OK) return remember(r, r->failed, e);
  enum rs_code rc = read_items(r, false, &batch, &r->error);
  if (rc == RS_OK && batch) rc = finish_batch(r, pb, n, &r->error);
  return remember(r, rc, e);
}
