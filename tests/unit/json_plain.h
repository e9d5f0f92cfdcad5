/*
** The search for the end of plain characters, against a loop over bytes: included by two tests, so
** that the vector code and the portable one are both checked.
*/
#ifndef RS_TESTS_JSON_PLAIN_H
#define RS_TESTS_JSON_PLAIN_H
#include "unit.h"
#include <string.h>
#include "src/json/scan.h"

static inline void finds_what_is_not_plain(void **state)
{
  (void)state;
  char text[64 + RS_JSON_PAD];
  // every byte at every place of a block, alone, and with every kind of neighbour behind it
  static const char after[] = {'a', '"', '\\', 0x1F, ' ', '!', '#', '[', ']', 0x7F, '\x80', '\xFF'};
  for (size_t k = 0; k < sizeof after; k++) {
    for (int byte = 0; byte < 256; byte++) {
      bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
      for (size_t at = 0; at < 40; at++) {
        memset(text, 0, sizeof text);
        memset(text, 'x', 64);
        text[at] = (char)byte;
        text[at + 1] = after[k];
        const char *got = rs_json_plain(text);
        const char *want = text + at;
        // what is not ASCII is negative
        while ((signed char)*want >= 0x20 && *want != '"' && *want != '\\') want++;
        assert_ptr_equal(got, want);
        assert_int_equal(got != text + at, plain);
      }
    }
  }
}
#endif
