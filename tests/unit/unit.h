/*
** What every unit test includes: cmocka wants these headers in this order, and the formatted error
** texts of src/ are compared in one line.
*/
#ifndef RS_TESTS_UNIT_H
#define RS_TESTS_UNIT_H
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#define RS_RUN(tests) cmocka_run_group_tests((tests), NULL, NULL)

/* The call failed with this code and exactly this text. */
#define assert_fails(call, e, want_code, want_text) \
  do {                                              \
    assert_int_equal((call), (want_code));          \
    assert_string_equal((e).text, (want_text));     \
    assert_int_equal((e).code, (want_code));        \
  } while (0)
#endif
