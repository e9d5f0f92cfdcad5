/* The portable search in strings, whatever the processor has. */
#define RS_JSON_SWAR
#include "json_plain.h"

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(finds_what_is_not_plain)};
  return RS_RUN(tests);
}
