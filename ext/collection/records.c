/*
** Records by key (records.h).
*/
#include "records.h"
#include "src/value/pack.h"
#include "src/base/mem.h"

#include <string.h>

#define DATA_MAX ((size_t)3 << 30) /* places are 32 bits */
#define KNOWN ((uint32_t)1 << 31)

struct record {
  uint32_t next; /* the place of the one behind it in its chain, 0: none; until then its hash */
  uint32_t nkey; /* its highest bit: the key is known to have no more rows, this is none itself */
  uint32_t size;
};

struct record_chain {
  uint32_t first, last; /* places */
};

void rs_records_init(struct rs_records *r)
{
  *r = (struct rs_records){.slots = NULL};
  rs_buf_init(&r->data, DATA_MAX);
}

void rs_records_free(struct rs_records *r)
{
  rs_free(r->slots);
  rs_buf_free(&r->data);
}

/* As few as keep most chains at one record. */
static size_t slots_for(size_t n)
{
  return n <= 256 ? 256 : (size_t)1 << (64 - __builtin_clzll(n - 1));
}

size_t rs_records_memory(const struct rs_records *r)
{
  return r->n ? r->data.n + slots_for(r->n) * sizeof *r->slots : 0;
}

size_t rs_records_least(size_t n, size_t values)
{
  return n * (sizeof(struct record) + values) + slots_for(n) * sizeof(struct record_chain);
}

static void head_at(const struct rs_records *r, uint32_t at, struct record *head)
{
  memcpy(head, r->data.p + at - 1, sizeof *head);
}

static const char *key_at(const struct rs_records *r, uint32_t at)
{
  return r->data.p + at - 1 + sizeof(struct record);
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Puts the record at the end of its chain. */
static void chain_up(struct rs_records *r, uint32_t at)
{
  struct record head;
  head_at(r, at, &head);
  uint64_t hash = rs_pack_hash(key_at(r, at), head.nkey & ~KNOWN);
  struct record_chain *chain = &r->slots[hash & (r->nslots - 1)];
  head.next = 0;
  memcpy(r->data.p + at - 1, &head, sizeof head);
  if (chain->last) memcpy(r->data.p + chain->last - 1, &at, sizeof at); // its `next`
  else chain->first = at;
  chain->last = at;
}

static bool grow_slots(struct rs_records *r)
{
  if (r->n + 1 <= r->nslots) return true;
  size_t n = slots_for(r->n + 1);
  struct record_chain *slots = rs_calloc(n, sizeof *slots);
  if (!slots) return false;
  rs_free(r->slots);
  r->slots = slots;
  r->nslots = n;
  for (size_t at = 0; at < r->data.n;) {
    struct record head;
    head_at(r, (uint32_t)at + 1, &head);
    chain_up(r, (uint32_t)at + 1);
    at += head.size;
  }
  return true;
}

bool rs_records_add(struct rs_records *r, const char *key, size_t nkey, const char *values,
                    size_t n, bool known)
{
  size_t size = sizeof(struct record) + nkey + n, at = r->data.n;
  const struct record head = {0, (uint32_t)nkey | (known ? KNOWN : 0), (uint32_t)size};
  if (!grow_slots(r) || !rs_buf_reserve(&r->data, size)) return false;
  rs_buf_add(&r->data, (const char *)&head, sizeof head);
  rs_buf_add(&r->data, key, nkey);
  rs_buf_add(&r->data, values, n);
  chain_up(r, (uint32_t)at + 1);
  r->n++;
  return true;
}

/* ---- many at once ---------------------------------------------------------------------------- */

static struct rs_value as_key(const struct rs_value *v)
{
  struct rs_value key = *v;
  key.of = 0;
  if (key.kind == RS_BOOL) key.kind = RS_INT;
  return key;
}

void rs_records_key(struct rs_buf *b, const struct rs_value *v)
{
  const struct rs_value key = as_key(v);
  char *p = rs_buf_reserve(b, rs_pack_bound(&key));
  if (p) b->n += (size_t)(rs_pack(p, &key) - p);
}

bool rs_records_append(struct rs_records *r, const struct rs_value *const *key, size_t nkey,
                       const struct rs_value *const *values, size_t n)
{
  size_t most = sizeof(struct record);
  for (size_t i = 0; i < nkey; i++) most += rs_pack_bound(key[i]);
  for (size_t i = 0; i < n; i++) most += rs_pack_bound(values[i]);
  char *start = rs_buf_reserve(&r->data, most);
  if (!start) return false;
  char *keys = start + sizeof(struct record), *p = keys;
  for (size_t i = 0; i < nkey; i++) {
    const struct rs_value v = as_key(key[i]);
    p = rs_pack(p, &v);
  }
  const struct record head = {(uint32_t)rs_pack_hash(keys, (size_t)(p - keys)),
                              (uint32_t)(p - keys), 0};
  for (size_t i = 0; i < n; i++) p = rs_pack(p, values[i]);
  memcpy(start, &head, sizeof head);
  const uint32_t size = (uint32_t)(p - start);
  memcpy(start + offsetof(struct record, size), &size, sizeof size);
  r->data.n += size;
  r->n++;
  return true;
}

/*
** From the last record to the first, each in front of its chain: one far access for each, into a
** table of its final size; the next ones are asked for before they are needed. Going back takes the
** places; what is appended is not linked to begin with.
*/
bool rs_records_link(struct rs_records *r)
{
  enum { EARLY = 16 };
  const size_t nslots = slots_for(r->n);
  uint32_t *places = rs_malloc((r->n + 1) * sizeof *places);
  struct record_chain *slots = rs_calloc(nslots, sizeof *slots);
  if (!places || !slots) {
    rs_free(places);
    rs_free(slots);
    return false;
  }
  size_t n = 0;
  for (size_t at = 0; at < r->data.n;) {
    struct record head;
    places[n++] = (uint32_t)at + 1;
    head_at(r, (uint32_t)at + 1, &head);
    at += head.size;
  }
  for (size_t i = n; i-- > 0;) {
    if (i >= EARLY) {
      uint32_t hash;
      memcpy(&hash, r->data.p + places[i - EARLY] - 1, sizeof hash);
      __builtin_prefetch(&slots[hash & (nslots - 1)], 1);
    }
    char *head = r->data.p + places[i] - 1;
    uint32_t hash;
    memcpy(&hash, head, sizeof hash);
    struct record_chain *chain = &slots[hash & (nslots - 1)];
    memcpy(head, &chain->first, sizeof chain->first);
    chain->first = places[i];
    if (!chain->last) chain->last = places[i];
  }
  rs_free(places);
  rs_free(r->slots);
  r->slots = slots;
  r->nslots = nslots;
  return true;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* From `at` on: the next record of that key. */
static uint32_t find_row(const struct rs_records *r, uint32_t at, const char *key, size_t nkey,
                         bool known)
{
  while (at != 0) {
    struct record head;
    head_at(r, at, &head);
    if (head.nkey == ((uint32_t)nkey | (known ? KNOWN : 0)) &&
        memcmp(key_at(r, at), key, nkey) == 0)
      return at;
    at = head.next;
  }
  return 0;
}

static uint32_t chain_of(const struct rs_records *r, const char *key, size_t nkey)
{
  return r->nslots ? r->slots[rs_pack_hash(key, nkey) & (r->nslots - 1)].first : 0;
}

uint32_t rs_records_find(const struct rs_records *r, const char *key, size_t nkey)
{
  return find_row(r, chain_of(r, key, nkey), key, nkey, false);
}

uint32_t rs_records_next(const struct rs_records *r, uint32_t at, const char *key, size_t nkey)
{
  struct record head;
  head_at(r, at, &head);
  return find_row(r, head.next, key, nkey, false);
}

bool rs_records_complete(const struct rs_records *r, const char *key, size_t nkey)
{
  return find_row(r, chain_of(r, key, nkey), key, nkey, true) != 0;
}

const char *rs_records_values(const struct rs_records *r, uint32_t at)
{
  struct record head;
  head_at(r, at, &head);
  return key_at(r, at) + (head.nkey & ~KNOWN);
}
