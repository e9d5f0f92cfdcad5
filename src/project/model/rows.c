/*
** The tables of a project and their rows (rows.h).
*/
#include "rows.h"
#include <string.h>
#include "src/base/text.h"

#define LIST(...)       \
  (const char *const[]) \
  {                     \
    __VA_ARGS__, NULL   \
  }

const struct rs_table rs_tables[RS_TABLES] = {
  [RS_T_MODEL] = {"rockset_models", "model", 3,
                  LIST("package", "name", "version", "sql", "materialized", "workspace", "alias",
                       "tags", "unique_key", "config", "description", "enabled", "access", "group",
                       "columns", "constraints", "latest_version", "deprecation_date", "folder",
                       "patch_path", "path")},
  [RS_T_SOURCE] = {"rockset_sources", "source", 3,
                   LIST("package", "source", "name", "database", "workspace", "identifier",
                        "description", "config", "columns", "quoting", "freshness",
                        "loaded_at_field", "loader", "meta", "tags", "external",
                        "source_description", "path", "local_table")},
  [RS_T_MACRO] = {"rockset_macros", "macro", 2,
                  LIST("package", "name", "sql", "description", "arguments", "meta", "patch_path",
                       "path")},
  [RS_T_VAR] = {"rockset_vars", "var", 3, LIST("package", "scope", "name", "value", "is_json")},
  [RS_T_PROJECT] = {"rockset_project", "project", 1, LIST("key", "value")},
  [RS_T_PACKAGE] = {"rockset_packages", "package", 1, LIST("name", "path", "project")},
  [RS_T_CONFIG] = {"rockset_configs", "config", 3,
                   LIST("package", "resource_type", "fqn", "config")},
  [RS_T_HOOK] = {"rockset_hooks", "hook", 3, LIST("package", "event", "position", "sql")},
  [RS_T_SEED] = {"rockset_seeds", "seed", 2,
                 LIST("package", "name", "csv", "description", "config", "columns", "folder",
                      "patch_path", "path")},
  [RS_T_SNAPSHOT] = {"rockset_snapshots", "snapshot", 2,
                     LIST("package", "name", "sql", "description", "config", "columns", "folder",
                          "patch_path", "path")},
  [RS_T_TEST] = {"rockset_tests", "test", 2,
                 LIST("package", "name", "test", "model", "column_name", "arguments", "config",
                      "description", "sql", "folder", "path")},
  [RS_T_UNIT_TEST] = {"rockset_unit_tests", "unit_test", 2,
                      LIST("package", "name", "model", "description", "given", "expect",
                           "overrides", "versions", "config", "path")},
  [RS_T_ANALYSIS] = {"rockset_analyses", "analysis", 2,
                     LIST("package", "name", "sql", "description", "config", "columns", "folder",
                          "patch_path", "path")},
  [RS_T_EXPOSURE] = {"rockset_exposures", "exposure", 2,
                     LIST("package", "name", "label", "type", "url", "maturity", "owner",
                          "description", "depends_on", "tags", "meta", "config", "path")},
  [RS_T_DOC] = {"rockset_docs", "doc", 2, LIST("package", "name", "text", "path")},
  [RS_T_GROUP] = {"rockset_groups", "group", 2, LIST("package", "name", "owner", "path")},
  [RS_T_METRIC] = {"rockset_metrics", "metric", 2,
                   LIST("package", "name", "label", "type", "type_params", "description", "filter",
                        "time_granularity", "tags", "meta", "config", "path")},
  [RS_T_SEMANTIC_MODEL] = {"rockset_semantic_models", "semantic_model", 2,
                           LIST("package", "name", "model", "label", "description", "defaults",
                                "primary_entity", "entities", "dimensions", "measures", "config",
                                "path")},
  [RS_T_SAVED_QUERY] = {"rockset_saved_queries", "saved_query", 2,
                        LIST("package", "name", "label", "description", "query_params", "exports",
                             "config", "path")},
  [RS_T_FILE] = {"rockset_files", "file", 2, LIST("package", "path", "content", "hash")},
  [RS_T_IMPORTED] = {"rockset_imported", "import", 2,
                     LIST("table_name", "row_key", "origin", "package", "path", "hash")},
};

size_t rs_table_columns(enum rs_table_id t)
{
  size_t n = 0;
  while (rs_tables[t].columns[n] != NULL) n++;
  return n;
}

static size_t column_of(enum rs_table_id t, const char *column)
{
  const char *const *c = rs_tables[t].columns;
  size_t i = 0;
  while (c[i] != NULL && !rs_eq(c[i], column)) i++;
  return i;
}

struct rs_cell *rs_row_at(struct rs_row *r, const char *column)
{
  return &r->v[column_of(r->table, column)];
}

const char *rs_row_text(const struct rs_row *r, const char *column)
{
  return r->v[column_of(r->table, column)].p;
}

void rs_row_set(struct rs_row *r, const char *column, const char *text)
{
  *rs_row_at(r, column) = (struct rs_cell){.p = text, .n = text != NULL ? strlen(text) : 0};
}

static void put_cells(struct rs_buf *b, const struct rs_row *r, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    rs_buf_char(b, i == 0 ? '[' : ',');
    if (r->v[i].p == NULL) rs_buf_str(b, "null");
    else rs_buf_json_str(b, r->v[i].p, r->v[i].n);
  }
  rs_buf_char(b, ']');
}

const char *rs_row_key(const struct rs_row *r, struct rs_arena *a)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  put_cells(&b, r, rs_tables[r->table].nkeys);
  const char *key = b.rc == RS_OK ? rs_arena_strndup(a, b.p, b.n) : NULL;
  rs_buf_free(&b);
  return key;
}

const char *rs_row_label(const struct rs_row *r, struct rs_arena *a)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, rs_tables[r->table].kind);
  char sep = ' ';
  for (size_t i = 0; i < rs_tables[r->table].nkeys; i++)
    if (r->v[i].n > 0) {
      rs_buf_char(&b, sep);
      rs_buf_add(&b, r->v[i].p, r->v[i].n);
      sep = '.';
    }
  const char *label = b.rc == RS_OK ? rs_arena_strndup(a, b.p, b.n) : NULL;
  rs_buf_free(&b);
  return label;
}

/* The cell that is a file's (or a block's) text; NULL: the table has none. */
const struct rs_cell *rs_row_body(const struct rs_row *r)
{
  size_t i = column_of(r->table, r->table == RS_T_SEED  ? "csv"
                                 : r->table == RS_T_DOC ? "text"
                                                        : "sql");
  return rs_tables[r->table].columns[i] != NULL && r->table != RS_T_HOOK ? &r->v[i] : NULL;
}

enum rs_code rs_row_hash(const struct rs_row *r, char out[2 * RS_SHA256_SIZE + 1],
                         struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE], body_hash[RS_SHA256_SIZE];
  struct rs_buf b;
  struct rs_row rest = *r;
  const struct rs_cell *body = rs_row_body(r);
  if (body != NULL) rest.v[body - r->v] = (struct rs_cell){.p = NULL};
  rs_buf_init(&b, (size_t)256 << 20);
  put_cells(&b, &rest, rs_table_columns(r->table));
  enum rs_code rc = rs_buf_error(&b, e, rs_tables[r->table].name);
  if (rc == RS_OK) rs_sha256(b.p, b.n, hash);
  rs_buf_free(&b);
  if (rc != RS_OK) return rc;
  rs_sha256(body != NULL && body->p != NULL ? body->p : "", body != NULL ? body->n : 0, body_hash);
  rs_hex(body_hash, RS_SHA256_SIZE / 2, out);
  rs_hex(hash, RS_SHA256_SIZE / 2, out + RS_SHA256_SIZE);
  return RS_OK;
}
