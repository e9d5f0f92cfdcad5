/*
** Fuzzing seeds: any text with any delimiter is an error or rows of one width, whose columns get
** kinds that every cell then fits. The first line is the config, the rest the CSV.
*/
#include "src/project/build/seed.c"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum rs_code read_seed(struct seed *d, struct rs_error *e)
{
  struct rs_json *config = NULL;
  const struct rs_node *node = d->node;
  struct rs_csv csv;
  char delimiter;
  enum rs_code rc = rs_json_parse(node->config.json, strlen(node->config.json), 100, &d->arena,
                                  &config, e);
  if (rc == RS_OK && config->kind != RS_J_OBJECT) return RS_INVALID; // a config is an object
  if (rc == RS_OK) rc = read_delimiter(d, config, &delimiter, e);
  if (rc != RS_OK) return rc;
  rs_csv_begin(&csv, node->sql, node->nsql, delimiter, &d->arena);
  rc = read_header(d, &csv, e);
  if (rc == RS_OK) rc = read_rows(d, &csv, e);
  if (rc == RS_OK) rc = given_types(d, config, e);
  if (rc != RS_OK) return rc;
  find_kinds(d);
  const struct rs_value *row;
  size_t rows = 0;
  while ((rc = next_input(d, &row, e)) == RS_OK) {
    rows++;
    for (size_t i = 0; i < d->ncols; i++) // every byte of a text is there
      if (row[i].kind == RS_TEXT && row[i].s.n > 0 && memchr(row[i].s.p, 0, row[i].s.n) != NULL &&
          memchr(node->sql, 0, node->nsql) == NULL)
        abort();
  }
  if (rc == RS_DONE && rows != d->nrows) abort();
  return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_node node = {.type = RS_NODE_SEED, .name = "fuzz", .identifier = "fuzz"};
  struct seed d = {.node = &node};
  struct rs_error e = {0};
  const uint8_t *line = memchr(data, '\n', n);
  if (n > 65536) return 0;
  size_t head = line != NULL ? (size_t)(line - data) : 0, body = line != NULL ? head + 1 : 0;
  char *config = rs_strndup((const char *)data, head);
  char *text = rs_strndup((const char *)data + body, n - body);
  node.config.json = config != NULL && head > 0 ? config : "{}";
  node.sql = text;
  node.nsql = n - body;
  rs_arena_init(&d.arena, (size_t)64 << 20);
  if (config != NULL && text != NULL) (void)read_seed(&d, &e);
  rs_free(d.rows);
  rs_arena_free(&d.arena);
  rs_free(config);
  rs_free(text);
  return 0;
}
