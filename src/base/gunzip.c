/*
** Inflate (RFC 1951) inside gzip members (RFC 1952); see gunzip.h.
**
** Codes of up to FAST bits are found in a table by the bits that come next; the few longer ones are
** walked bit by bit over the counts of codes per length.
*/
#include "gunzip.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "mem.h"

#define FAST 10           /* bits that the table decides by */
#define LONGEST 15        /* bits of a code */
#define HISTORY 32768     /* how far back a copy may reach */
#define OUT (2 * HISTORY) /* unpacked bytes kept */
#define COPY_MAX 258
#define IN 65536

struct code {
  uint16_t fast[1 << FAST]; /* symbol << 4 | bits; 0: a longer code, or none */
  uint16_t count[LONGEST + 1];
  uint16_t symbol[288]; /* by code */
};

struct gz {
  rs_gunzip_fill *fill;
  rs_gunzip_sink *sink;
  void *ctx;
  struct rs_error *e;
  enum rs_code rc; /* sticky: of the callbacks, or what is wrong with the data */
  uint64_t bits;   /* read ahead, the next one lowest */
  unsigned nbits;
  uint64_t taken;    /* bytes of all that was filled, behind in[] */
  size_t at, filled; /* in in[] */
  size_t out_n;      /* bytes in out[] */
  size_t sent;       /* of them, given to the sink and counted in crc */
  uint64_t size;     /* of the member so far */
  uint32_t crc;
  uint32_t crc_table[8][256];
  struct code literals, distances;
  unsigned char in[IN];
  unsigned char out[OUT];
};

/* ---- input ----------------------------------------------------------------------------------- */

static uint64_t position(const struct gz *z)
{
  return z->taken + z->at - z->nbits / 8;
}

static void wrong(struct gz *z, const char *what)
{
  if (z->rc != RS_OK) return;
  z->rc = rs_fail(z->e, RS_INVALID, "its gzip data %s at byte %llu", what,
                  (unsigned long long)position(z));
}

static bool more(struct gz *z)
{
  if (z->at < z->filled) return true;
  if (z->rc != RS_OK) return false;
  size_t n = 0;
  z->taken += z->filled;
  z->at = z->filled = 0;
  z->rc = z->fill(z->ctx, (char *)z->in, IN, &n, z->e);
  if (z->rc == RS_OK) z->filled = n;
  return z->filled > 0;
}

/* As many bits as fit; fewer only at the end of the data. */
static void top_up(struct gz *z)
{
  while (z->nbits <= 56 && more(z)) {
    z->bits |= (uint64_t)z->in[z->at++] << z->nbits;
    z->nbits += 8;
  }
}

static void drop(struct gz *z, unsigned n)
{
  z->bits >>= n;
  z->nbits -= n;
}

/* n <= 32 bits; 0 when the data end or an error was seen. */
static uint32_t take(struct gz *z, unsigned n)
{
  if (z->nbits < n) top_up(z);
  if (z->nbits < n) {
    wrong(z, "are cut off");
    return 0;
  }
  uint32_t v = (uint32_t)(z->bits & ((UINT64_C(1) << n) - 1));
  drop(z, n);
  return v;
}

/* ---- output ---------------------------------------------------------------------------------- */

/* Eight bytes a step, by tables: the checksum must not cost more than the unpacking. */
static void make_crc_tables(struct gz *z)
{
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? UINT32_C(0xEDB88320) ^ (c >> 1) : c >> 1;
    z->crc_table[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++) {
    for (int k = 1; k < 8; k++) {
      uint32_t c = z->crc_table[k - 1][i];
      z->crc_table[k][i] = z->crc_table[0][c & 255] ^ (c >> 8);
    }
  }
}

static uint32_t crc_of(const struct gz *z, uint32_t crc, const unsigned char *p, size_t n)
{
  const uint32_t(*t)[256] = z->crc_table;
  for (; n >= 8; n -= 8, p += 8) {
    uint32_t a = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                        (uint32_t)p[3] << 24);
    crc = t[7][a & 255] ^ t[6][a >> 8 & 255] ^ t[5][a >> 16 & 255] ^ t[4][a >> 24] ^ t[3][p[4]] ^
          t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
  }
  for (; n > 0; n--, p++) crc = t[0][(crc ^ *p) & 255] ^ (crc >> 8);
  return crc;
}

static void flush(struct gz *z)
{
  size_t n = z->out_n - z->sent;
  if (z->rc != RS_OK || n == 0) return;
  z->crc = crc_of(z, z->crc, z->out + z->sent, n);
  z->size += n;
  z->rc = z->sink(z->ctx, (const char *)z->out + z->sent, n, z->e);
  z->sent = z->out_n;
}

/* Room for n <= COPY_MAX bytes behind the history. */
static void make_room(struct gz *z, size_t n)
{
  if (z->out_n + n <= OUT) return;
  flush(z);
  memmove(z->out, z->out + z->out_n - HISTORY, HISTORY);
  z->out_n = z->sent = HISTORY;
}

/* ---- codes ----------------------------------------------------------------------------------- */

static void build(struct gz *z, struct code *c, const unsigned char *lengths, unsigned n)
{
  unsigned next[LONGEST + 2] = {0}, index[LONGEST + 2] = {0};
  memset(c, 0, sizeof *c);
  for (unsigned i = 0; i < n; i++) c->count[lengths[i]]++;
  c->count[0] = 0;
  int left = 1; // codes of this length that are not given away
  for (unsigned len = 1; len <= LONGEST; len++) {
    left = left * 2 - c->count[len];
    if (left < 0) {
      wrong(z, "hold an impossible code");
      return;
    }
    next[len + 1] = (next[len] + c->count[len]) << 1;
    index[len + 1] = index[len] + c->count[len];
  }
  for (unsigned i = 0; i < n; i++) {
    unsigned len = lengths[i];
    if (len == 0) continue;
    unsigned code = next[len]++, reversed = 0;
    c->symbol[index[len]++] = (uint16_t)i;
    if (len > FAST) continue;
    for (unsigned k = 0; k < len; k++) reversed |= (code >> k & 1) << (len - 1 - k);
    for (; reversed < 1 << FAST; reversed += 1u << len) {
      c->fast[reversed] = (uint16_t)(i << 4 | len);
    }
  }
}

static unsigned decode_long(struct gz *z, const struct code *c)
{
  unsigned code = 0, first = 0, index = 0;
  for (unsigned len = 1; len <= LONGEST && len <= z->nbits; len++) {
    code |= (unsigned)(z->bits >> (len - 1)) & 1;
    if (code - first < c->count[len]) {
      drop(z, len);
      return c->symbol[index + code - first];
    }
    index += c->count[len];
    first = (first + c->count[len]) << 1;
    code <<= 1;
  }
  wrong(z, z->nbits < LONGEST ? "are cut off" : "are damaged");
  return 0;
}

static unsigned decode(struct gz *z, const struct code *c)
{
  if (z->nbits < LONGEST) top_up(z);
  unsigned hit = c->fast[z->bits & ((1 << FAST) - 1)];
  if (hit == 0 || (hit & 15) > z->nbits) return decode_long(z, c);
  drop(z, hit & 15);
  return hit >> 4;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void stored_block(struct gz *z)
{
  drop(z, z->nbits & 7);
  uint32_t n = take(z, 16), check = take(z, 16);
  if (n != (check ^ 0xFFFF)) wrong(z, "are damaged");
  while (n > 0 && z->rc == RS_OK) {
    make_room(z, 1);
    z->out[z->out_n++] = (unsigned char)take(z, 8);
    n--;
  }
}

static void fixed_codes(struct gz *z)
{
  unsigned char lengths[288];
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 112);
  memset(lengths + 256, 7, 24);
  memset(lengths + 280, 8, 8);
  build(z, &z->literals, lengths, 288);
  memset(lengths, 5, 30);
  build(z, &z->distances, lengths, 30);
}

static void own_codes(struct gz *z)
{
  static const unsigned char order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
  unsigned char lengths[286 + 30] = {0};
  unsigned literals = take(z, 5) + 257, distances = take(z, 5) + 1, n = take(z, 4) + 4;
  if (literals > 286 || distances > 30) wrong(z, "are damaged");
  for (unsigned i = 0; i < n; i++) lengths[order[i]] = (unsigned char)take(z, 3);
  if (z->rc == RS_OK) build(z, &z->distances, lengths, 19); // lengths are coded themselves
  memset(lengths, 0, 19);
  for (unsigned i = 0; i < literals + distances && z->rc == RS_OK;) {
    unsigned symbol = decode(z, &z->distances), repeat = 1, value = symbol;
    if (symbol == 16) {
      if (i == 0) wrong(z, "are damaged");
      value = i > 0 ? lengths[i - 1] : 0;
      repeat = 3 + take(z, 2);
    } else if (symbol > 16) {
      value = 0;
      repeat = symbol == 17 ? 3 + take(z, 3) : 11 + take(z, 7);
    }
    if (i + repeat > literals + distances) wrong(z, "are damaged");
    while (repeat-- > 0 && i < sizeof lengths) lengths[i++] = (unsigned char)value;
  }
  if (z->rc == RS_OK) build(z, &z->literals, lengths, literals);
  if (z->rc == RS_OK) build(z, &z->distances, lengths + literals, distances);
}

static void copy(struct gz *z, unsigned symbol)
{
  static const uint16_t base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                  31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const unsigned char extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                        2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  if (symbol > 285) {
    wrong(z, "are damaged");
    return;
  }
  unsigned length = base[symbol - 257] + take(z, extra[symbol - 257]);
  unsigned slot = decode(z, &z->distances), distance = slot + 1;
  if (slot > 29) wrong(z, "are damaged");
  else if (slot > 3) {
    unsigned more_bits = slot / 2 - 1;
    distance = ((2 + (slot & 1)) << more_bits) + 1 + take(z, more_bits);
  }
  if (distance > z->out_n) wrong(z, "are damaged");
  if (z->rc != RS_OK) return;
  make_room(z, length);
  unsigned char *to = z->out + z->out_n;
  const unsigned char *from = to - distance;
  z->out_n += length;
  if (distance >= length) memcpy(to, from, length);
  else
    while (length-- > 0) *to++ = *from++; // it repeats itself
}

static void coded_block(struct gz *z)
{
  while (z->rc == RS_OK) {
    unsigned symbol = decode(z, &z->literals);
    if (symbol == 256 || z->rc != RS_OK) return;
    if (symbol > 256) {
      copy(z, symbol);
      continue;
    }
    make_room(z, 1);
    z->out[z->out_n++] = (unsigned char)symbol;
  }
}

/* ---- members --------------------------------------------------------------------------------- */

static void skip_text(struct gz *z)
{
  while (z->rc == RS_OK && take(z, 8) != 0) continue;
}

static void header(struct gz *z)
{
  if (take(z, 16) != 0x8B1F) {
    wrong(z, "do not begin as such");
    return;
  }
  if (take(z, 8) != 8) wrong(z, "are packed in an unknown way");
  uint32_t flags = take(z, 8);
  (void)take(z, 32); // time
  (void)take(z, 16); // level, system
  if (flags & 4) {
    for (uint32_t n = take(z, 16); n > 0 && z->rc == RS_OK; n--) (void)take(z, 8);
  }
  if (flags & 8) skip_text(z);
  if (flags & 16) skip_text(z);
  if (flags & 2) (void)take(z, 16);
  if (flags & 0xE0) wrong(z, "are packed in an unknown way");
}

static void member(struct gz *z)
{
  header(z);
  z->crc = UINT32_C(0xFFFFFFFF);
  z->size = 0;
  z->out_n = z->sent = 0;
  for (bool last = false; !last && z->rc == RS_OK;) {
    last = take(z, 1) != 0;
    switch (take(z, 2)) {
      case 0: stored_block(z); break;
      case 1:
        fixed_codes(z);
        coded_block(z);
        break;
      case 2:
        own_codes(z);
        coded_block(z);
        break;
      default: wrong(z, "are damaged"); break;
    }
  }
  flush(z);
  drop(z, z->nbits & 7);
  uint32_t crc = take(z, 32), size = take(z, 32);
  if (z->rc != RS_OK) return;
  if (crc != (z->crc ^ UINT32_C(0xFFFFFFFF))) wrong(z, "do not match their checksum");
  else if (size != (uint32_t)z->size) wrong(z, "do not match their length");
}

/* Some writers fill the last block of a device with zeros. */
static bool is_at_end(struct gz *z)
{
  for (;;) {
    top_up(z);
    if (z->nbits == 0 || z->rc != RS_OK) return true;
    if ((z->bits & 255) != 0) return false;
    drop(z, 8);
  }
}

enum rs_code rs_gunzip(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx, struct rs_error *e)
{
  struct gz *z = rs_malloc(sizeof *z);
  if (z == NULL) return rs_nomem(e);
  memset(z, 0, offsetof(struct gz, in));
  z->fill = fill;
  z->sink = sink;
  z->ctx = ctx;
  z->e = e;
  make_crc_tables(z);
  top_up(z);
  if (z->nbits > 0) member(z);
  while (z->rc == RS_OK && !is_at_end(z)) member(z);
  enum rs_code rc = z->rc;
  rs_free(z);
  return rc;
}
