/*
** manifest.json as dbt writes it: version 11 (dbt 1.7), or 12 where the project has unit tests.
**
** Threads: one. Nothing blocks.
*/
#ifndef RS_PROJECT_ARTIFACTS_ARTIFACTS_H
#define RS_PROJECT_ARTIFACTS_ARTIFACTS_H
#include "src/project/names/names.h"
#include "src/project/graph/graph.h"

#define RS_ARTIFACT_MAX ((size_t)1 << 30)

/* The compiled text of a node, NULL: it has not been compiled. In a map by unique_id. */
struct rs_manifest {
  bool v12; /* set by rs_manifest_write */
  const struct rs_inventory *inv;
  struct rs_state *state;        /* macros that nothing calls are looked at when they are written */
  const struct rs_map *compiled; /* unique_id -> const char *; may be NULL */
};

/* Appended to b. */
enum rs_code rs_manifest_write(struct rs_manifest *m, struct rs_buf *b, struct rs_error *e);
/* {"dbt_schema_version": ..., "generated_at": ..., ...} of any artifact; `schema` is
** "manifest/v11". */
void rs_artifact_metadata(const struct rs_project *p, const char *schema, bool manifest,
                          struct rs_buf *b);
/* Of a generic test: what dbt calls its file, without the end. */
const char *rs_item_file_name(struct rs_arena *a, const struct rs_item *it);
/* Below target/compiled: PACKAGE/models/x.sql; NULL: it has no such file, or out of memory. */
const char *rs_compiled_path(struct rs_arena *a, const struct rs_item *it);

/* ---- manifest_node.c ------------------------------------------------------------------------ */

enum rs_code rs_manifest_item(const struct rs_manifest *m, const struct rs_item *it,
                              struct rs_buf *b, struct rs_error *e);
/* relation_name of what has one: as ref prints it. false: it has none, or b has an error. */
bool rs_manifest_relation(const struct rs_inventory *inv, const struct rs_item *it,
                          struct rs_buf *b);
/* ,"owner":{"email": ..., "name": ..., what else the JSON says}; json may be NULL. */
void rs_manifest_owner(struct rs_python *j, const char *json, struct rs_buf *b);

/* ---- manifest_test.c ------------------------------------------------------------------------ */

/* Is it a data test that stores its rows? */
enum rs_code rs_item_stores(const struct rs_item *it, bool *stores, struct rs_error *e);
/* ,"raw_code": the call that dbt writes for a generic test, with its config. */
void rs_manifest_test_code(struct rs_python *j, const struct rs_item *it, struct rs_buf *b);
/* test_metadata, column_name, file_key_name, attached_node of a generic test. */
void rs_manifest_test(const struct rs_manifest *m, struct rs_arena *a, const struct rs_item *it,
                      struct rs_buf *b);

#endif
