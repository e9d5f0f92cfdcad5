/*
** CSV as Python's csv module reads it (src/project/files/csv.c).
*/
#include "unit.h"
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/project/files/files.h"

/* The records of a text: cells in [], records parted by |; or the error. */
static void check(const char *text, char delimiter, const char *wanted)
{
  struct rs_arena arena;
  struct rs_csv csv;
  struct rs_csv_cell *cells;
  struct rs_error e = {0};
  struct rs_buf got;
  size_t n;
  enum rs_code rc;
  rs_arena_init(&arena, 0);
  rs_buf_init(&got, 1 << 20);
  rs_csv_begin(&csv, text, strlen(text), delimiter, &arena);
  while ((rc = rs_csv_next(&csv, &cells, &n, &e)) == RS_OK) {
    if (got.n > 0) rs_buf_char(&got, '|');
    for (size_t i = 0; i < n; i++) rs_buf_printf(&got, "[%.*s]", (int)cells[i].n, cells[i].p);
  }
  if (rc != RS_DONE) rs_buf_printf(&got, "!%s", e.text);
  assert_string_equal(rs_buf_text(&got), wanted);
  rs_buf_free(&got);
  rs_arena_free(&arena);
}

static void test_plain(void **state)
{
  (void)state;
  check("", ',', "");
  check("a,b\n1,2\n", ',', "[a][b]|[1][2]");
  check("a,b\r\n1,2\r3,4", ',', "[a][b]|[1][2]|[3][4]");
  check("a;b\n,;\n", ';', "[a][b]|[,][]");
  check("\xEF\xBB\xBF"
        "a\n\n\n1\n",
        ',', "[a]|[1]");
  check(",\n", ',', "[][]");
  check("a,\n", ',', "[a][]");
  check(" a , b", ',', "[ a ][ b]");
  check("a\"b,c", ',', "[a\"b][c]");
}

static void test_quoted(void **state)
{
  (void)state;
  check("\"a,b\",c\n", ',', "[a,b][c]");
  check("\"a\"\"b\"\n", ',', "[a\"b]");
  check("\"\",x", ',', "[][x]");
  check("\"\"\"\"", ',', "[\"]");
  check("\"two\nlines\",x\ny,z", ',', "[two\nlines][x]|[y][z]");
  check("\"a\"b\"c\",d", ',', "[ab\"c\"][d]");
  check("\"a\" ,b", ',', "[a ][b]");
  check("a,\"b", ',', "!line 1: a quote is not closed");
  check("a\n\n\"b\nc", ',', "[a]!line 3: a quote is not closed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_quoted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
