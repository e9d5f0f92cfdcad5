/*
** Records of the write queue (internal.h).
*/
#include "internal.h"
#include <stddef.h>
#include <string.h>
#include "src/value/pack.h"

enum { HAS_VALUE = 1, IN_MASK = 2 };

/* Without a key nothing leads from record to record. */
size_t rs_record_head_size(bool keyed)
{
  return keyed ? sizeof(struct rs_record_head) : offsetof(struct rs_record_head, before);
}

static bool has_value(const struct rs_change *c, size_t i)
{
  if (c->row == NULL) return false;
  return c->kind != RS_CHANGE_PATCH || c->whole || c->mask[i];
}

void rs_record_encode(const struct rs_change *c, const char *key, struct rs_record_head *h,
                      size_t ncolumns, bool keyed, struct rs_buf *b)
{
  size_t nhead = rs_record_head_size(keyed), bound = nhead + h->nkey + ncolumns;
  for (size_t i = 0; i < ncolumns; i++) bound += has_value(c, i) ? rs_pack_bound(&c->row[i]) : 0;
  rs_buf_clear(b);
  char *start = rs_buf_reserve(b, bound);
  if (start == NULL) return;
  char *p = start + nhead;
  if (h->nkey > 0) memcpy(p, key, h->nkey);
  p += h->nkey;
  if (c->kind == RS_CHANGE_PATCH) {
    for (size_t i = 0; i < ncolumns; i++)
      *p++ = (char)((has_value(c, i) ? HAS_VALUE : 0) | (c->mask[i] ? IN_MASK : 0));
  }
  for (size_t i = 0; i < ncolumns; i++) {
    if (has_value(c, i)) p = rs_pack(p, &c->row[i]);
  }
  b->n = (size_t)(p - start);
  h->size = (uint32_t)b->n;
  memcpy(start, h, nhead);
}

void rs_record_decode(const char *record, size_t ncolumns, bool keyed,
                      const struct rs_record_head *h, struct rs_value *row, bool *mask,
                      struct rs_change *out)
{
  const char *p = record + rs_record_head_size(keyed), *flags = NULL;
  memset(out, 0, sizeof *out);
  out->kind = (enum rs_change_kind)h->kind;
  out->whole = h->whole != 0;
  out->meets = (enum rs_change_meets)h->meets;
  if (h->nkey > 0) (void)rs_unpack(p, &out->key);
  p += h->nkey;
  if (out->kind == RS_CHANGE_DELETE) return;
  if (out->kind == RS_CHANGE_PATCH) {
    flags = p;
    p += ncolumns;
  }
  for (size_t i = 0; i < ncolumns; i++) {
    mask[i] = flags != NULL && (flags[i] & IN_MASK) != 0;
    if (flags == NULL || (flags[i] & HAS_VALUE) != 0) p = rs_unpack(p, &row[i]);
    else row[i] = (struct rs_value){.kind = RS_NULL};
  }
  out->row = row;
  out->mask = mask;
}
