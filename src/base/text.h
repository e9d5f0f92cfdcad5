/*
** Small helpers on text: names, UTF-8, spelling suggestions, identifiers.
** Pure functions; nothing blocks; no function allocates unless it says so.
*/
#ifndef RS_BASE_TEXT_H
#define RS_BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool rs_eq(const char *a, const char *b);            /* NULL-safe strcmp == 0 */
bool rs_eqn(const char *a, const char *p, size_t n); /* a equals the n bytes at p */
int rs_casecmp(const char *a, const char *b);        /* ASCII case-insensitive strcmp */
int rs_casecmpn(const char *a, const char *b, size_t n);
bool rs_caseeqn(const char *a, const char *p, size_t n);       /* rs_eqn, case-insensitive */
bool rs_starts(const char *text, const char *with);            /* text begins with it */
bool rs_casestarts(const char *p, size_t n, const char *with); /* so do n bytes, in any case */
/* The length of the longest prefix that is valid UTF-8 (n when all of it is). */
size_t rs_utf8_valid(const char *p, size_t n);
/* Decodes one code point (0xFFFD for a bad byte); *len gets the bytes consumed, at least 1.
** n >= 1. */
uint32_t rs_utf8_decode(const char *p, size_t n, size_t *len);
/* Writes 1..4 bytes, returns how many. */
size_t rs_utf8_encode(uint32_t c, char out[4]);
/* The character that the JSON escape \uXXXX at p stands for, with a second one behind it where it
** is a pair; half of a pair alone is U+FFFD. Writes *len bytes; returns how many it read, 0: it is
** none. */
size_t rs_json_escape_char(const char *p, const char *end, char out[4], size_t *len);
/* Decodes the n bytes inside the quotes of a JSON string, which are known to be right, to out,
** which may be p. Returns how many are left. */
size_t rs_json_unescape(const char *p, size_t n, char *out);
/* A letter, digit, `_` or part of a character beyond ASCII. */
bool rs_is_word(char c);
/* The candidate nearest in spelling, or NULL when none is near enough to suggest. */
const char *rs_nearest(const char *word, const char *const *candidates, size_t n);
/* A random (version 4) UUID as 36 characters and a NUL. */
void rs_uuid(char out[37]);
/* For many of them: asks the system once for several. Begins as zeros. */
struct rs_uuids {
  unsigned char bytes[256];
  size_t left;
};
void rs_uuid_next(struct rs_uuids *u, char out[37]);
/* What a hex digit stands for; -1: it is none. */
int rs_hex_value(char c);
/* Lower-case hex of n bytes into out[2n + 1]. */
void rs_hex(const unsigned char *p, size_t n, char *out);
#endif
