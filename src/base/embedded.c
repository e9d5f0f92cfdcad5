/*
** Look-up in the table of embedded files; the table itself is generated (see embedded.h).
*/
#include "embedded.h"
#include <string.h>

const struct rs_embedded *rs_embedded_find(const char *name)
{
  for (size_t i = 0; i < rs_embedded_count; i++)
    if (strcmp(rs_embedded[i].name, name) == 0) return &rs_embedded[i];
  return NULL;
}
