/*
** For tests/bench/rest.py: reads a query's answer from standard input as a client without a
** streaming reader does, all of it, into a tree, and visits every value of its rows.
*/
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
  size_t n = 0, cap = 1 << 20;
  char *text = malloc(cap); // lint: not the product
  double sum = 0;
  for (;;) {
    if (!text) return 1;
    ssize_t got = read(0, text + n, cap - n - 1);
    if (got <= 0) break;
    n += (size_t)got;
    if (cap - n < 65536) text = realloc(text, cap *= 2);
  }
  text[n] = 0;
  const char *p = text;
  while (p < text + n) { // page by page
    cJSON *answer = cJSON_ParseWithOpts(p, &p, 0), *row, *value;
    if (!answer) return 1;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(answer, "results"))
    {
      cJSON_ArrayForEach(value, row)
      {
        if (cJSON_IsNumber(value)) sum += value->valuedouble;
        else if (cJSON_IsString(value)) sum += (double)strlen(value->valuestring);
      }
    }
    cJSON_Delete(answer);
  }
  printf("%g\n", sum);
  return 0;
}
