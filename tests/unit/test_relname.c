/*
** Unit tests of src/sql/relname.c: names of relations as people write them.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/sql/relname.h"

static void check(const char *text, const char *workspace, const char *name, const char *back)
{
  struct rs_arena arena;
  struct rs_relation rel = {0};
  struct rs_error e = {0};
  rs_arena_init(&arena, 0);
  assert_int_equal(rs_relation_parse(text, "commons", "f", &arena, &rel, &e), RS_OK);
  assert_string_equal(rel.workspace, workspace);
  assert_string_equal(rel.name, name);
  struct rs_buf b;
  rs_buf_init(&b, 4096);
  rs_relation_text(&b, &rel);
  assert_string_equal(rs_buf_text(&b), back);
  rs_buf_free(&b);
  rs_arena_free(&arena);
}

static void check_error(const char *text, enum rs_code code, const char *part)
{
  struct rs_arena arena;
  struct rs_relation rel = {0};
  struct rs_error e = {0};
  rs_arena_init(&arena, 0);
  assert_int_equal(rs_relation_parse(text, "commons", "f", &arena, &rel, &e), code);
  if (strstr(e.text, part) == NULL) fail_msg("'%s' is not in '%s'", part, e.text);
  rs_arena_free(&arena);
}

static void test_names(void **state)
{
  (void)state;
  check("movies", "commons", "movies", "commons.movies");
  check("ws.movies", "ws", "movies", "ws.movies");
  check("  ws . movies ", "ws", "movies", "ws.movies");
  check("my ws.my movies", "my ws", "my movies", "my ws.my movies");
  check("\"my ws\".\"a.b\"", "my ws", "a.b", "my ws.\"a.b\"");
  check("\"a\"\"b\"", "commons", "a\"b", "commons.\"a\"\"b\"");
  check("\" a \"", "commons", " a ", "commons.\" a \"");
}

static void test_errors(void **state)
{
  (void)state;
  check_error("", RS_INVALID, "f: the name is empty");
  check_error("  ", RS_INVALID, "empty");
  check_error(".", RS_INVALID, "empty part");
  check_error("a.", RS_INVALID, "empty part");
  check_error(".a", RS_INVALID, "empty part");
  check_error("\"\"", RS_INVALID, "empty part");
  check_error("a.b.c", RS_INVALID, "more than two parts");
  check_error("\"a", RS_INVALID, "open double quote");
  check_error("\"a\"b", RS_INVALID, "only a dot may follow");
  check_error("a\"b\"", RS_INVALID, "inside a part");
  check_error("_Rockset.x", RS_FORBIDDEN, "reserved");
  check_error("a\xff", RS_INVALID, "UTF-8");
  char longname[RS_NAME_MAX + 2];
  memset(longname, 'a', sizeof longname - 1);
  longname[sizeof longname - 1] = 0;
  check_error(longname, RS_INVALID, "longer than 255 bytes");
}

static void test_workspace(void **state)
{
  (void)state;
  struct rs_arena arena;
  struct rs_error e = {0};
  const char *ws = NULL;
  rs_arena_init(&arena, 0);
  assert_int_equal(rs_workspace_parse("\"a.b\"", "f", &arena, &ws, &e), RS_OK);
  assert_string_equal(ws, "a.b");
  assert_int_equal(rs_workspace_parse("a.b", "f", &arena, &ws, &e), RS_INVALID);
  assert_int_equal(rs_workspace_parse("_rockset", "f", &arena, &ws, &e), RS_FORBIDDEN);
  rs_arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_errors),
    cmocka_unit_test(test_workspace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
