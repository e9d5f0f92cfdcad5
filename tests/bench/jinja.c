/*
** For tests/bench/jinja.py: renders the templates of a file (length, newline, text, ...) with our
** engine, several times over, and prints the best time in seconds and the output's size.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "src/jinja/jinja.h"

enum { TEMPLATES_MAX = 100000 };

static struct {
  const char *p;
  size_t n;
} templates[TEMPLATES_MAX];
static size_t ntemplates;

static void die(const char *what)
{
  (void)fprintf(stderr, "bench/jinja: %s\n", what);
  exit(1);
}

static char *read_file(const char *path, size_t *n)
{
  FILE *f = fopen(path, "rb");
  if (f == NULL || fseek(f, 0, SEEK_END) != 0) die(path);
  *n = (size_t)ftell(f);
  rewind(f);
  char *p = malloc(*n + 1);
  if (p == NULL || fread(p, 1, *n, f) != *n) die(path);
  p[*n] = 0;
  (void)fclose(f);
  return p;
}

static double now(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Parses and renders one; the output's size. */
static size_t render(const char *p, size_t n)
{
  struct rs_error e = {0};
  struct rs_template *t = NULL;
  struct rs_buf out;
  rs_buf_init(&out, 1 << 20);
  struct rs_python *j = rs_jinja_new(NULL);
  if (j == NULL || rs_template_parse("t", p, n, &t, &e) != RS_OK) die(e.text);
  rs_jinja_global(j, "schema", jv_text(j, "commons"));
  rs_jinja_global(j, "table", jv_text(j, "Flights"));
  rs_jinja_global(j, "limit", jv_int(100));
  if (rs_jinja_render(j, t, &out, &e) != RS_OK) die(e.text);
  size_t bytes = out.n;
  rs_template_release(t);
  rs_jinja_free(j);
  rs_buf_free(&out);
  return bytes;
}

int main(int argc, char **argv)
{
  size_t size, bytes = 0;
  if (argc < 2) die("which file");
  char *data = read_file(argv[1], &size);
  const long runs = argc > 2 ? strtol(argv[2], NULL, 10) : 5;
  for (char *at = data; at < data + size; ntemplates++) {
    if (ntemplates == TEMPLATES_MAX) die("too many templates");
    templates[ntemplates].n = strtoul(at, &at, 10);
    templates[ntemplates].p = ++at;
    at += templates[ntemplates].n;
  }
  double best = 1e9;
  for (long i = 0; i < runs; i++) {
    double start = now();
    bytes = 0;
    for (size_t k = 0; k < ntemplates; k++) bytes += render(templates[k].p, templates[k].n);
    if (now() - start < best) best = now() - start;
  }
  printf("%.6f %zu\n", best, bytes);
  free(data);
  return 0;
}
