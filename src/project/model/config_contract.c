/*
** Contracts as dbt writes them down: constraints with all of their keys, the checksum by which
** state:modified knows that a contract has changed (project/names/names.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"
#include "model.h"

jv rs_config_constraints(struct rs_python *j, jv said, bool of_model)
{
  static const struct {
    const char *key;
    bool flag; /* true where nothing is said */
  } keys[] = {{"type", false},
              {"name", false},
              {"expression", false},
              {"warn_unenforced", true},
              {"warn_unsupported", true}};
  jv list = jv_list(j), v;
  for (size_t i = 0; said.kind == JV_LIST && i < jv_len(said); i++) {
    jv from = jv_item(said, i), one = jv_dict(j);
    if (from.kind != JV_DICT) continue;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
      if (!jv_dict_get(from, keys[k].key, &v)) v = keys[k].flag ? jv_bool(true) : jv_none();
      jv_dict_set(j, one, keys[k].key, v);
    }
    if (of_model) jv_dict_set(j, one, "columns", jv_dict_get(from, "columns", &v) ? v : jv_list(j));
    jv_list_add(j, list, one);
  }
  return list;
}

/* ---- the checksum: a hash of what Python's str() gives of it -------------------------------- */

static void put_str(struct rs_python *j, jv v, struct rs_buf *b)
{
  (void)jv_str_to(j, v, b, NULL); // what fails is in the buffer's code
}

/* repr() of dbt's objects. */
static void put_constraints(struct rs_python *j, jv list, bool of_model, struct rs_buf *b)
{
  rs_buf_char(b, '[');
  for (size_t i = 0; i < jv_len(list); i++) {
    jv one = jv_item(list, i), key, v;
    rs_buf_str(b, i > 0 ? ", " : "");
    rs_buf_str(b, of_model ? "ModelLevelConstraint(" : "ColumnLevelConstraint(");
    for (size_t k = 0; k < jv_len(one); k++) {
      jv_dict_at(one, k, &key, &v);
      rs_buf_str(b, k > 0 ? ", " : "");
      put_str(j, key, b);
      rs_buf_char(b, '=');
      bool type = k == 0 && jv_is_str(v);
      if (type) rs_buf_printf(b, "<ConstraintType.%s: ", jv_cstr(v, NULL));
      (void)jv_repr_to(j, v, b, NULL);
      if (type) rs_buf_char(b, '>');
    }
    rs_buf_char(b, ')');
  }
  rs_buf_char(b, ']');
}

/* The column whose name comes next after `last` (NULL: the first); false: there is none. */
static bool next_column(jv columns, const char *last, jv *out)
{
  const char *best = NULL;
  jv key, v;
  for (size_t i = 0; columns.kind == JV_DICT && i < jv_len(columns); i++) {
    jv_dict_at(columns, i, &key, &v);
    const char *name = jv_cstr(key, NULL);
    if ((last != NULL && strcmp(name, last) <= 0) || (best != NULL && strcmp(name, best) >= 0))
      continue;
    best = name;
    *out = v;
  }
  return best != NULL;
}

static jv checksum(struct rs_python *j, jv config, jv columns, jv constraints)
{
  unsigned char hash[RS_SHA256_SIZE];
  char hex[2 * RS_SHA256_SIZE + 1];
  struct rs_buf b;
  jv column, v;
  const char *last = NULL;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  while (next_column(columns, last, &column)) {
    if (!jv_dict_get(column, "name", &v) || !jv_is_str(v)) break;
    last = jv_cstr(v, NULL);
    rs_buf_printf(&b, "|%s", last);
    if (!jv_dict_get(column, "data_type", &v)) v = jv_none();
    put_str(j, v, &b);
    if (jv_dict_get(column, "constraints", &v)) put_constraints(j, v, false, &b);
  }
  const char *kind = jv_dict_get(config, "materialized", &v) && jv_is_str(v) ? jv_cstr(v, NULL)
                                                                             : "";
  if (rs_eq(kind, "table") || rs_eq(kind, "incremental")) {
    rs_buf_str(&b, kind);
    put_constraints(j, constraints, true, &b);
  }
  rs_sha256(rs_buf_text(&b), b.n, hash);
  rs_hex(hash, sizeof hash, hex);
  jv out = b.rc == RS_OK ? jv_text(j, hex) : jv_none();
  rs_buf_free(&b);
  return out;
}

jv rs_config_contract(struct rs_python *j, jv config, jv columns, jv constraints)
{
  jv out = jv_dict(j), said = jv_none(), v;
  (void)jv_dict_get(config, "contract", &said);
  bool is = said.kind == JV_DICT && jv_dict_get(said, "enforced", &v) && jv_truth(j, v);
  jv_dict_set(j, out, "enforced", jv_bool(is));
  jv_dict_set(j, out, "alias_types",
              said.kind == JV_DICT && jv_dict_get(said, "alias_types", &v) ? v : jv_bool(true));
  jv_dict_set(j, out, "checksum", is ? checksum(j, config, columns, constraints) : jv_none());
  return out;
}
