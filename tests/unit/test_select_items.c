/*
** Selections over every kind of node: files, tests that come along, versions, selectors.yml; and
** what content hashes call a change.
*/
#include "project_fixture.h"
#include "src/project/graph/graph.h"

/*  raw.a -> stg_a -> mart_b -> dash        dim.v1, dim.v2 (latest), dim.v3
**              \-> mart_c               tests: unique on stg_a, related on mart_b and stg_a */
static struct rs_store_model models[] = {
  MODEL("stg_a", "{{ config(tags='x') }}select {{ half('a') }} from {{ source('raw', 'a') }}",
        .folder = "staging", .path = "models/staging/stg_a.sql", .access = "public"),
  MODEL("mart_b", "{{ ref('stg_a') }}", .path = "models/marts/mart_b.sql", .group = "finance"),
  MODEL("mart_c", "{{ ref('stg_a') }}", .path = "models/marts/mart_c.sql", .access = "private"),
  MODEL("dim", "select 1", .version = "1", .latest_version = "2"),
  MODEL("dim", "select 1", .version = "2", .latest_version = "2"),
  MODEL("dim", "select 1", .version = "10", .latest_version = "2"),
  {0}};
static const struct rs_store_source sources[] = {{.source = "raw", .name = "a"}, {0}};
static struct rs_store_macro macros[] = {
  MACRO("half", "{% macro half(x) %}{{ other() }}{% endmacro %}"),
  MACRO("other", "{% macro other() %}1{% endmacro %}"),
  {0}};
static const struct rs_store_entry entries[] = {
  {.kind = RS_STORE_GROUP, .name = "finance", .text = "{}"},
  {.kind = RS_STORE_EXPOSURE,
   .name = "dash",
   .text = "{\"depends_on\":[\"ref('mart_b')\"],\"tags\":[\"bi\"]}"},
  {0}};
static const struct fixture fixture = {
  .models = models, .sources = sources, .macros = macros, .entries = entries};

static const char selectors[] =
  "selectors:\n"
  "- {name: nightly, default: true, definition: 'mart_b stg_a+'}\n"
  "- name: parts\n"
  "  definition:\n"
  "    union:\n"
  "    - {method: fqn, value: stg_a, children: true, children_depth: 1}\n"
  "    - intersection: [{tag: x}, 'resource_type:model']\n"
  "    - exclude: [{method: fqn, value: mart_c}]\n"
  "- {name: again, definition: {method: selector, value: parts}}\n"
  "- {name: loop, definition: {method: selector, value: loop}}\n"
  "- {name: odd, definition: {method: fqn, value: a, paretns: true}}\n";

struct row {
  enum rs_table_id table;
  const char *set[12];
};
static const struct row rows[] = {
  {RS_T_TEST, {"name", "u", "test", "unique", "model", "ref('stg_a')", "column_name", "id"}},
  {RS_T_TEST,
   {"name", "r", "test", "relationships", "model", "ref('mart_b')", "arguments",
    "{\"to\":\"ref('stg_a')\",\"field\":\"id\"}", "path", "models/marts/m.yml"}},
  {RS_T_TEST, {"name", "s", "sql", "select * from {{ ref('mart_c') }}", "path", "tests/s.sql"}},
  {RS_T_TEST, {"name", "bad", "sql", "select * from {{ ref('nope') }}"}},
  {RS_T_EXPOSURE, {"name", "dash", "depends_on", "[\"ref('mart_b')\"]", "tags", "[\"bi\"]"}},
  {RS_T_ANALYSIS, {"name", "ana", "sql", "{{ ref('mart_c') }}"}},
  {RS_T_UNIT_TEST, {"name", "ut", "model", "mart_c"}},
  {RS_T_FILE, {"path", "selectors.yml", "content", selectors}}};

static enum rs_code each(void *ctx, enum rs_table_id t,
                         enum rs_code (*fn)(void *arg, const struct rs_row *r, struct rs_error *e),
                         void *arg, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  (void)ctx;
  for (size_t i = 0; rc == RS_OK && i < sizeof rows / sizeof *rows; i++) {
    struct rs_row r = {.table = rows[i].table};
    if (rows[i].table != t) continue;
    rs_row_set(&r, "package", "");
    for (size_t k = 0; rows[i].set[k] != NULL; k += 2)
      rs_row_set(&r, rows[i].set[k], rows[i].set[k + 1]);
    rc = fn(arg, &r, e);
  }
  return rc;
}

static const struct rs_row_store store = {.each = each};

static struct rs_project *project;
static struct rs_inventory *inv;

static int load(void **state)
{
  struct rs_error e = {0};
  (void)state;
  if (fixture_parse(&fixture, &project, &e) != RS_OK) return -1;
  return rs_inventory_of_rows(project, &store, &inv, &e) == RS_OK ? 0 : -1;
}

static int unload(void **state)
{
  (void)state;
  rs_inventory_free(inv);
  rs_project_free(project);
  return 0;
}

static enum rs_code pick(const struct rs_selection *sel, struct rs_buf *out, struct rs_error *e)
{
  unsigned char *set = NULL;
  struct rs_buf warnings;
  rs_buf_init(out, 1 << 16);
  rs_buf_init(&warnings, RS_ERROR_MAX);
  enum rs_code rc = rs_select_items(inv, sel, &set, &warnings, e);
  for (size_t i = 0; rc == RS_OK && i < inv->n; i++) {
    const struct rs_item *it = inv->items[i];
    if (set[i])
      rs_buf_printf(out, "%s%s%s%s", out->n > 0 ? " " : "", it->name,
                    it->version != NULL ? ".v" : "", it->version != NULL ? it->version : "");
  }
  rs_buf_str(out, rs_buf_text(&warnings));
  rs_buf_free(&warnings);
  rs_free(set);
  return rc;
}

static void check(const struct rs_selection *sel, const char *want)
{
  struct rs_buf got;
  struct rs_error e = {0};
  enum rs_code rc = pick(sel, &got, &e);
  if (rc != RS_OK) print_error("%s\n", e.text);
  assert_int_equal(rc, RS_OK);
  if (strcmp(rs_buf_text(&got), want) != 0) print_error("selection %s\n", sel->text);
  assert_string_equal(rs_buf_text(&got), want);
  rs_buf_free(&got);
}

static void picks(const char *text, const char *want)
{
  struct rs_selection sel = {.text = text};
  check(&sel, want);
}

#define PICKS(want, ...)                      \
  do {                                        \
    struct rs_selection sel_ = {__VA_ARGS__}; \
    check(&sel_, want);                       \
  } while (0)

static void refuses(const struct rs_selection *sel, enum rs_code code, const char *text)
{
  struct rs_buf got;
  struct rs_error e = {0};
  assert_fails(pick(sel, &got, &e), e, code, text);
  rs_buf_free(&got);
}

static void files(void **state)
{
  (void)state;
  PICKS("stg_a", .text = "models/staging", .indirect = RS_EMPTY);
  PICKS("stg_a", .text = "path:models/staging/stg_a.sql", .indirect = RS_EMPTY);
  PICKS("mart_b mart_c r", .text = "path:models/m*", .indirect = RS_EMPTY);
  PICKS("mart_b", .text = "path:**/mart_b.sql", .indirect = RS_EMPTY);
  PICKS("mart_b", .text = "mart_b.sql", .indirect = RS_EMPTY);
  PICKS("mart_b mart_c", .text = "file:mart_?", .indirect = RS_EMPTY);
  PICKS("stg_a", .text = "project.staging", .indirect = RS_EMPTY);
  PICKS("stg_a", .text = "staging.*", .indirect = RS_EMPTY);
}

static void methods(void **state)
{
  (void)state;
  picks("group:finance", "mart_b r");
  picks("access:public", "stg_a u r");
  PICKS("dim.v1 dim.v2 dim.v10 mart_b", .text = "access:protected", .indirect = RS_EMPTY);
  picks("version:latest", "dim.v2");
  picks("version:old", "dim.v1");
  picks("version:prerelease", "dim.v10");
  PICKS("stg_a mart_b mart_c", .text = "version:none", .indirect = RS_EMPTY);
  picks("dim.v2", "dim.v2");
  picks("dim_v2", "dim.v2");
  picks("dim", "dim.v1 dim.v2 dim.v10");
  picks("exposure:dash", "dash");
  picks("1+exposure:*", "mart_b r dash");
  picks("test_type:generic", "u r");
  picks("test_type:singular", "s bad");
  picks("test_type:unit", "ut");
  picks("test_name:rel*", "r");
  picks("unit_test:ut", "ut");
  picks("resource_type:analysis", "ana");
  picks("source:raw.a", "a");
  picks("source:project.raw", "a");
  picks("tag:bi", "dash");
}

static void tests_come_along(void **state)
{
  (void)state;
  picks("mart_b", "mart_b r");
  PICKS("mart_b", .text = "mart_b", .indirect = RS_CAUTIOUS);
  PICKS("mart_b r", .text = "mart_b", .indirect = RS_BUILDABLE);
  PICKS("mart_b", .text = "mart_b", .indirect = RS_EMPTY);
  PICKS("stg_a mart_b u r", .text = "mart_b stg_a", .indirect = RS_CAUTIOUS);
  PICKS("stg_a u", .text = "stg_a", .exclude = "mart_b");
  picks("stg_a+", "stg_a mart_b mart_c u r s ut ana dash");
}

static void named_selectors(void **state)
{
  (void)state;
  PICKS("stg_a mart_b mart_c u r s ut ana dash", .text = NULL);
  PICKS("stg_a mart_b u r", .selector = "parts");
  PICKS("stg_a mart_b u r", .selector = "again");
  struct rs_selection none = {.selector = "nope"}, loop = {.selector = "loop"};
  struct rs_selection odd = {.selector = "odd"}, both = {.selector = "odd", .text = "x"};
  refuses(&none, RS_NOT_FOUND, "selectors.yml has no selector 'nope'");
  refuses(&loop, RS_INVALID, "selectors.yml line 10: selectors name each other in a circle");
  refuses(&odd, RS_INVALID, "selectors.yml line 11: unknown key beside 'method'");
  refuses(&both, RS_INVALID, "a selection and the option 'selector' exclude each other");
}

static void bad_rows(void **state)
{
  (void)state;
  const struct rs_item *it = rs_map_get(&inv->ids, "test.project.bad");
  assert_non_null(it);
  assert_non_null(strstr(it->bad, "no model 'nope'"));
}

/* The change of a node between two projects. */
static const char *change(const char *id)
{
  struct rs_project *p;
  struct rs_inventory *now;
  struct rs_state *s, *before;
  struct rs_buf json;
  struct rs_error e = {0};
  assert_int_equal(rs_state_make(inv, &before, &e), RS_OK);
  assert_int_equal(fixture_parse(&fixture, &p, &e), RS_OK);
  assert_int_equal(rs_inventory_of_rows(p, &store, &now, &e), RS_OK);
  assert_int_equal(rs_state_make(now, &s, &e), RS_OK);
  assert_true(rs_state_matches(s, now->items[0], "new"));
  for (size_t i = 0; i < inv->n; i++) {
    rs_buf_init(&json, 4096);
    rs_state_json(before, inv->items[i], NULL, &json);
    assert_int_equal(rs_state_then(s, inv->items[i]->unique_id, rs_buf_text(&json), json.n, &e),
                     RS_OK);
    rs_buf_free(&json);
  }
  const char *name = rs_change_name(rs_state_change(s, rs_map_get(&now->ids, id)));
  rs_state_free(s);
  rs_state_free(before);
  rs_inventory_free(now);
  rs_project_free(p);
  return name;
}

static void edit(struct rs_store_model *m, const char *sql)
{
  m->sql = sql;
  m->nsql = strlen(sql);
}

static void changes(void **state)
{
  (void)state;
  const char *old = models[0].sql, *macro = macros[1].sql;
  assert_string_equal(change("model.project.stg_a"), "unchanged");
  edit(&models[0], "{{ config(tags='x') }}select {{ half('b') }} from {{ source('raw', 'a') }}");
  assert_string_equal(change("model.project.stg_a"), "changed sql");
  assert_string_equal(change("model.project.mart_b"), "changed upstream");
  assert_string_equal(change("exposure.project.dash"), "changed upstream");
  assert_string_equal(change("model.project.dim.v1"), "unchanged");
  edit(&models[0], "{{ config(tags='y') }}select {{ half('a') }} from {{ source('raw', 'a') }}");
  assert_string_equal(change("model.project.stg_a"), "changed config");
  edit(&models[0], old);
  models[0].config = "{\"alias\":\"z\"}";
  assert_string_equal(change("model.project.stg_a"), "changed relation");
  models[0].config = NULL;
  macros[1].sql = "{% macro other() %}2{% endmacro %}";
  assert_string_equal(change("model.project.stg_a"), "changed macro");
  assert_string_equal(change("model.project.mart_c"), "changed upstream");
  macros[1].sql = macro;
  models[0].access = "protected";
  assert_string_equal(change("model.project.stg_a"), "unchanged"); // without a row: no contract
  models[0].access = "public";
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(files),
                                     cmocka_unit_test(methods),
                                     cmocka_unit_test(tests_come_along),
                                     cmocka_unit_test(named_selectors),
                                     cmocka_unit_test(bad_rows),
                                     cmocka_unit_test(changes)};
  return cmocka_run_group_tests(tests, load, unload);
}
