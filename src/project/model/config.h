/*
** A node's config as dbt writes it down: in manifest.json, in `graph` and `model`, and for what
** selections by config compare.
**
** Values live in the arena of the evaluation that is given.
*/
#ifndef RS_PROJECT_MODEL_CONFIG_H
#define RS_PROJECT_MODEL_CONFIG_H
#include "project.h"
#include "src/python/python.h"

/* The config as levels, row and config() calls say it, templates unrendered (config_document.c). */
jv rs_config_unrendered(const struct rs_project *p, struct rs_python *j, const struct rs_node *n);
/* config_document.c: a config (a dict) as dbt writes it down, over dbt's defaults. */
enum rs_code rs_config_document(struct rs_python *j, enum rs_node_type type, jv said, jv *all,
                                struct rs_error *e);
/* config_document.c: a column as dbt knows it, of what a yml file says. In dbt 1.10 `config:` of a
** column holds its meta and tags; earlier ones take it for a key like any other. */
jv rs_config_column(const struct rs_project *p, struct rs_python *j, jv name, jv said);
/* config_document.c: what is said of freshness (JSON, may be NULL) over the keys that dbt always
** has; none where both thresholds are switched off by null, as the importer writes
** `freshness: null`. */
jv rs_config_freshness(struct rs_python *j, const char *json);
/* config_contract.c: constraints with all keys that dbt gives them; a node's contract, with the
** checksum of columns (a dict by name) and constraints where it is enforced. */
jv rs_config_constraints(struct rs_python *j, jv said, bool of_model);
jv rs_config_contract(struct rs_python *j, jv config, jv columns, jv constraints);
#endif
