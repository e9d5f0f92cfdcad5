/*
** Profiles: where they are found, which profile and target is chosen, what `found` says, and the
** text of every refusal. Each test runs in a temporary folder of its own with a home folder inside.
*/
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/profile/profile.h"
#include "src/engine/engine.h"

static char root[64]; /* the temporary folder: root/here is current, root/home is $HOME */
static char text[1024];
static struct rs_error e;
static const struct rs_output *o;

static const char *in_root(const char *fmt)
{
  /* %R stands for the temporary folder. */
  char *to = text;
  for (const char *p = fmt; *p; p++) {
    if (p[0] == '%' && p[1] == 'R') {
      to = stpcpy(to, root);
      p++;
    } else {
      *to++ = *p;
    }
  }
  *to = 0;
  return text;
}

static void write_file(const char *path, const char *contents)
{
  FILE *f = fopen(in_root(path), "w");
  assert_non_null(f);
  assert_true(fputs(contents, f) >= 0);
  fclose(f);
}

static void make_folder(const char *path)
{
  assert_int_equal(mkdir(in_root(path), 0700), 0);
}

static int setup(void **state)
{
  (void)state;
  snprintf(root, sizeof root, "/tmp/rs_profile_XXXXXX");
  assert_non_null(mkdtemp(root));
  make_folder("%R/here");
  make_folder("%R/home");
  make_folder("%R/home/.dbt");
  make_folder("%R/else");
  assert_int_equal(chdir(in_root("%R/here")), 0);
  setenv("HOME", in_root("%R/home"), 1);
  unsetenv("DBT_PROFILES_DIR");
  e = (struct rs_error){0};
  rs_redact_clear();
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  char command[128];
  rs_output_release(o);
  o = NULL;
  rs_redact_clear();
  assert_int_equal(chdir("/"), 0);
  snprintf(command, sizeof command, "rm -rf '%s'", root);
  return system(command);
}

static enum rs_code load(const char *target, const char *profile, const char *source)
{
  struct rs_profile_request req = {.adapters = rs_target_fields,
                                   .target = target,
                                   .profile = profile,
                                   .source = source,
                                   .database = "/data/shop.db"};
  rs_output_release(o);
  return rs_profile_load(&req, &o, &e);
}

static void loads(const char *target, const char *profile, const char *source)
{
  enum rs_code rc = load(target, profile, source);
  if (rc) print_error("%s\n", e.text);
  assert_int_equal(rc, RS_OK);
}

/* `want` may hold %R. */
static void fails(const char *target, const char *profile, const char *source, enum rs_code code,
                  const char *want)
{
  char copy[sizeof text];
  if (source) {
    snprintf(copy, sizeof copy, "%s", in_root(source));
    source = copy;
  }
  assert_fails(load(target, profile, source), e, code, in_root(want));
  assert_null(o);
}

static void found(const char *want)
{
  assert_string_equal(o->found, in_root(want));
}

#define TWO_TARGETS                             \
  "target: dev\n"                               \
  "  outputs:\n"                                \
  "    dev: {type: duckdb, path: dev.duckdb}\n" \
  "    prod: {type: duckdb, path: prod.duckdb}\n"

/* ---- search --------------------------------------------------------------------------------- */

static void home_folder(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml", "rockset:\n  " TWO_TARGETS);
  loads(NULL, NULL, NULL);
  assert_string_equal(o->type, "duckdb");
  assert_string_equal(o->profile_name, "rockset");
  assert_string_equal(o->target_name, "dev");
  assert_string_equal(o->workspace, "commons");
  assert_int_equal(o->threads, 1);
  assert_false(o->embedded_default);
  assert_string_equal(o->source, in_root("%R/home/.dbt/profiles.yml"));
  assert_string_equal(rs_output_text(o, "path", NULL), "dev.duckdb");
  found("profile 'rockset' of ~/.dbt/profiles.yml: none named, no 'rockset_ext' there; "
        "target 'dev' is its default target");
}

static void current_folder_wins(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml", "rockset:\n  " TWO_TARGETS);
  write_file("%R/here/profiles.yml", "rockset: {}\nrockset_ext:\n  " TWO_TARGETS);
  loads("prod", NULL, NULL);
  assert_string_equal(rs_output_text(o, "path", NULL), "prod.duckdb");
  found("profile 'rockset_ext' of %R/here/profiles.yml: none named, this name comes first; "
        "target 'prod' as named");
}

static void profiles_dir(void **state)
{
  (void)state;
  write_file("%R/here/profiles.yml", "rockset_ext:\n  " TWO_TARGETS);
  setenv("DBT_PROFILES_DIR", in_root("%R/else"), 1);
  fails(NULL, NULL, NULL, RS_NOT_FOUND,
        "DBT_PROFILES_DIR is '%R/else', which holds no profiles.yml");
  write_file("%R/else/profiles.yml", "rockset_ext: {outputs: {default: {type: duckdb}}}\n");
  loads(NULL, NULL, NULL);
  found("profile 'rockset_ext' of %R/else/profiles.yml: none named, this name comes first; "
        "target 'default' since it names none");
  setenv("DBT_PROFILES_DIR", "~/.dbt", 1);
  write_file("%R/home/.dbt/profiles.yml", "rockset:\n  " TWO_TARGETS);
  loads(NULL, NULL, NULL);
  setenv("DBT_PROFILES_DIR", "", 1); /* as unset */
  loads(NULL, NULL, NULL);
  assert_string_equal(o->source, in_root("%R/here/profiles.yml"));
}

static void home_from_password_database(void **state)
{
  (void)state;
  unsetenv("HOME");
  loads(NULL, NULL, "{\"type\": \"duckdb\", \"path\": \"~/x.duckdb\"}");
  assert_int_equal(rs_output_text(o, "path", NULL)[0], '/');
}

static void explicit_source(void **state)
{
  (void)state;
  char source[sizeof text];
  write_file("%R/else/profiles.yml", "rockset_ext:\n  " TWO_TARGETS);
  write_file("%R/home/p.yml", "shop:\n  " TWO_TARGETS);
  snprintf(source, sizeof source, "%s", in_root("%R/else"));
  loads(NULL, NULL, source);
  assert_string_equal(o->source, in_root("%R/else/profiles.yml"));
  loads(NULL, NULL, "../else/profiles.yml");
  loads(NULL, NULL, "~/p.yml");
  found("profile 'shop' of %R/home/p.yml: none named, it is the only one there; "
        "target 'dev' is its default target");
  fails(NULL, NULL, "%R/home", RS_NOT_FOUND, "folder '%R/home' holds no profiles.yml");
  fails(NULL, NULL, "%R/none.yml", RS_NOT_FOUND,
        "there is no file or folder '%R/none.yml' to read profiles from");
  write_file("%R/home/many.yml", "a: {}\nconfig: {}\nb: {}\n");
  fails(NULL, NULL, "%R/home/many.yml", RS_NOT_FOUND,
        "no profile named, and neither 'rockset_ext' nor 'rockset' in %R/home/many.yml; its "
        "profiles are a, b");
  write_file("%R/home/empty.yml", "# nothing\n");
  fails(NULL, NULL, "%R/home/empty.yml", RS_NOT_FOUND,
        "no profile named, and neither 'rockset_ext' nor 'rockset' in %R/home/empty.yml; it holds "
        "no profiles");
}

static void files_that_are_none(void **state)
{
  (void)state;
  struct rs_buf b;
  assert_int_equal(mkfifo(in_root("%R/home/pipe"), 0600), 0);
  fails(NULL, NULL, "%R/home/pipe", RS_INVALID, "%R/home/pipe: is not a plain file");
  rs_buf_init(&b, 2 << 20);
  rs_buf_str(&b, "rockset_ext: {outputs: {default: {type: duckdb}}}\n");
  while (b.n <= 1 << 20) rs_buf_str(&b, "# a comment that makes it long\n");
  write_file("%R/home/long.yml", rs_buf_text(&b));
  fails(NULL, NULL, "%R/home/long.yml", RS_LIMIT, "%R/home/long.yml: larger than 1 MiB");
  b.p[0] = '{';
  fails(NULL, NULL, "%R/home/long.yml", RS_LIMIT, "%R/home/long.yml: larger than 1 MiB");
  assert_int_equal(load(NULL, NULL, b.p), RS_LIMIT);
  assert_string_equal(e.text, "(argument): larger than 1 MiB");
  rs_buf_free(&b);
  write_file("%R/here/profiles.yml", "rockset:\n\ttarget: dev\n");
  fails(NULL, NULL, NULL, RS_INVALID,
        "%R/here/profiles.yml line 2: found character that cannot start any token while scanning "
        "for the next token");
  write_file("%R/here/profiles.yml", "- rockset\n");
  fails(NULL, NULL, NULL, RS_INVALID, "%R/here/profiles.yml line 1: is not a map of profiles");
}

static void laughs(void **state)
{
  (void)state;
  write_file("%R/here/profiles.yml", "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
                                     "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                                     "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
                                     "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                                     "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
                                     "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
                                     "g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]\n");
  fails(NULL, NULL, NULL, RS_LIMIT,
        "%R/here/profiles.yml line 7: its aliases stand for more than 32 MiB");
}

/* ---- choice --------------------------------------------------------------------------------- */

static void named(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml",
             "config: {send_anonymous_usage_stats: false}\nshop:\n  " TWO_TARGETS
             "bare: 5\nnone: {outputs: }\nodd: {outputs: {default: duckdb}}\n");
  loads("prod", "shop", NULL);
  found("profile 'shop' of ~/.dbt/profiles.yml: as named; target 'prod' as named");
  fails(NULL, "shpo", NULL, RS_NOT_FOUND,
        "no profile 'shpo' in %R/home/.dbt/profiles.yml; its profiles are shop, bare, none, odd; "
        "did you mean 'shop'?");
  fails(NULL, "config", NULL, RS_NOT_FOUND,
        "no profile 'config' in %R/home/.dbt/profiles.yml; its profiles are shop, bare, none, odd");
  fails("prodd", "shop", NULL, RS_NOT_FOUND,
        "no target 'prodd' in profile 'shop' (%R/home/.dbt/profiles.yml); its targets are dev, "
        "prod; did you mean 'prod'?");
  fails(NULL, "bare", NULL, RS_INVALID,
        "%R/home/.dbt/profiles.yml line 7: profile 'bare' (%R/home/.dbt/profiles.yml) has no map "
        "of 'outputs'");
  fails(NULL, "none", NULL, RS_INVALID,
        "%R/home/.dbt/profiles.yml line 8: profile 'none' (%R/home/.dbt/profiles.yml) has no map "
        "of 'outputs'");
  fails(NULL, "odd", NULL, RS_INVALID,
        "%R/home/.dbt/profiles.yml line 9: target 'default' of profile 'odd' "
        "(%R/home/.dbt/profiles.yml) is not a map");
}

static void no_default_target(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml", "rockset: {outputs: {dev: {type: duckdb}}}\n");
  fails(
    NULL, NULL, NULL, RS_NOT_FOUND,
    "no target 'default' in profile 'rockset' (%R/home/.dbt/profiles.yml); its targets are dev");
  write_file("%R/home/.dbt/profiles.yml", "rockset: {outputs: {}}\n");
  fails(
    NULL, NULL, NULL, RS_NOT_FOUND,
    "no target 'default' in profile 'rockset' (%R/home/.dbt/profiles.yml); it holds no targets");
}

/* What other products write into the same file is none of our business. */
static void others_are_ignored(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml",
             "jaffle:\n"
             "  target: '{{ nonsense'\n"
             "  outputs: {dev: {type: snowflake, account: '{{ env_var(\"NOT_SET\") }}'}}\n"
             "rockset:\n"
             "  target: dev\n"
             "  outputs:\n"
             "    dev: {type: duckdb}\n"
             "    other: {type: bigquery, keyfile: '{{ broken', threads: many}\n");
  loads(NULL, NULL, NULL);
  assert_string_equal(o->target_name, "dev");
}

static void rendered_target(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml",
             "rockset:\n  target: \"{{ env_var('RS_TEST_TARGET', 'dev') }}\"\n"
             "  outputs: {dev: {type: duckdb}, prod: {type: duckdb, threads: 3}}\n");
  unsetenv("RS_TEST_TARGET");
  loads(NULL, NULL, NULL);
  assert_string_equal(o->target_name, "dev");
  setenv("RS_TEST_TARGET", "prod", 1);
  loads(NULL, NULL, NULL);
  assert_int_equal(o->threads, 3);
  unsetenv("RS_TEST_TARGET");
}

static void merged_outputs(void **state)
{
  (void)state;
  write_file("%R/home/.dbt/profiles.yml", "rockset:\n  target: b\n  outputs:\n"
                                          "    a: &a {type: duckdb, path: a.db, threads: 4}\n"
                                          "    b: {<<: *a, path: b.db}\n");
  loads(NULL, NULL, NULL);
  assert_string_equal(rs_output_text(o, "path", NULL), "b.db");
  assert_int_equal(o->threads, 4);
}

/* ---- the embedded default ------------------------------------------------------------------- */

static void embedded(void **state)
{
  (void)state;
  loads(NULL, NULL, NULL);
  assert_true(o->embedded_default);
  assert_string_equal(o->type, "duckdb");
  assert_string_equal(o->profile_name, "(embedded default)");
  assert_string_equal(o->target_name, "default");
  assert_string_equal(o->workspace, "commons");
  assert_string_equal(o->source, "");
  assert_int_equal(o->threads, 1);
  assert_string_equal(rs_output_text(o, "path", NULL), "/data/shop.db.duckdb");
  found("embedded default, DuckDB file /data/shop.db.duckdb: no profiles.yml in the current folder "
        "or in ~/.dbt");
  write_file("%R/home/.dbt/profiles.yml", "jaffle: {}\n");
  loads(NULL, NULL, NULL);
  found(
    "embedded default, DuckDB file /data/shop.db.duckdb: neither 'rockset_ext' nor 'rockset' in "
    "~/.dbt/profiles.yml");
}

static void embedded_in_memory(void **state)
{
  (void)state;
  struct rs_profile_request req = {.adapters = rs_target_fields};
  assert_int_equal(rs_profile_load(&req, &o, &e), RS_OK);
  assert_string_equal(rs_output_text(o, "path", NULL), ":memory:");
  rs_output_release(o);
  req.database = "";
  assert_int_equal(rs_profile_load(&req, &o, &e), RS_OK);
  assert_string_equal(rs_output_text(o, "path", NULL), ":memory:");
  found("embedded default, DuckDB in memory: no profiles.yml in the current folder or in ~/.dbt");
  rs_output_release(o);
  req.database = "/tmp/{{ odd }}.db"; /* a path, not a template */
  assert_int_equal(rs_profile_load(&req, &o, &e), RS_OK);
  assert_string_equal(rs_output_text(o, "path", NULL), "/tmp/{{ odd }}.db.duckdb");
}

static void embedded_has_no_names(void **state)
{
  (void)state;
  fails(NULL, "shop", NULL, RS_NOT_FOUND,
        "no profile 'shop': no profiles.yml in the current folder or in ~/.dbt");
  fails("prod", NULL, NULL, RS_NOT_FOUND,
        "no target 'prod', since there is no profile: no profiles.yml in the current folder or in "
        "~/.dbt");
}

/* ---- text ----------------------------------------------------------------------------------- */

static void three_shapes(void **state)
{
  (void)state;
  loads(NULL, NULL,
        " {\"rockset\": {\"target\": \"a\", \"outputs\": {\"a\": {\"type\": \"duckdb\"}}}}");
  assert_string_equal(o->profile_name, "rockset");
  assert_string_equal(o->source, "(argument)");
  found("profile 'rockset' of the text given: none named, no 'rockset_ext' there; "
        "target 'a' is its default target");
  loads(NULL, NULL, "{\"target\":\"a\",\"outputs\":{\"a\":{\"type\":\"duckdb\"}}}");
  assert_string_equal(o->profile_name, "(argument)");
  assert_string_equal(o->target_name, "a");
  found("profile given as text; target 'a' is its default target");
  loads(NULL, "shop", "{\"type\":\"duckdb\",\"path\":\"\\ud83d\\ude00\\\\ud83d.db\"}");
  assert_string_equal(o->profile_name, "shop");
  assert_string_equal(o->target_name, "default");
  assert_string_equal(rs_output_text(o, "path", NULL), "\xf0\x9f\x98\x80\\ud83d.db");
  found("connection given as text");
  fails("b", NULL, "{\"target\":\"a\",\"outputs\":{\"a\":{\"type\":\"duckdb\"}}}", RS_NOT_FOUND,
        "no target 'b' in the profile given as text; its targets are a");
  fails(NULL, NULL, "{\"type\":\"duckdb\",\n\"pth\":\"x\"}", RS_INVALID,
        "(argument) line 2: unknown field 'pth' of type 'duckdb'; did you mean 'path'?");
  fails(NULL, NULL, "{", RS_INVALID,
        "(argument) line 2: did not find expected node content while parsing a flow node");
}

/* ---- code from the current folder ----------------------------------------------------------- */

#define WAY_OUT                                                                                   \
  "which a profiles.yml that merely lies in the current folder may not do; set DBT_PROFILES_DIR " \
  "to this folder, put the profile into ~/.dbt, or name the file in rockset_profile()"

static void code_in_current_folder(void **state)
{
  (void)state;
  write_file("%R/here/profiles.yml",
             "rockset:\n  outputs:\n"
             "    default:\n      type: duckdb\n      library: ./evil.so\n"
             "    adbc:\n      type: adbc\n      driver: ./evil.so\n"
             "    sets:\n      type: duckdb\n      config_options:\n"
             "        allow_unsigned_extensions: true\n"
             "    path: {type: duckdb, extensions: [./evil.duckdb_extension]}\n"
             "    repo: {type: duckdb, extensions: [{name: h3, repo: 'http://evil'}]}\n"
             "    good: {type: duckdb, extensions: [httpfs], library: }\n");
  fails(
    NULL, NULL, NULL, RS_FORBIDDEN,
    "%R/here/profiles.yml line 5: field 'library' lets code be loaded or files be read, " WAY_OUT);
  fails(
    "adbc", NULL, NULL, RS_FORBIDDEN,
    "%R/here/profiles.yml line 8: field 'driver' lets code be loaded or files be read, " WAY_OUT);
  fails("sets", NULL, NULL, RS_FORBIDDEN,
        "%R/here/profiles.yml line 12: config_options: 'allow_unsigned_extensions' lets code be "
        "loaded, " WAY_OUT);
  fails("path", NULL, NULL, RS_FORBIDDEN,
        "%R/here/profiles.yml line 13: extensions: a profiles.yml that merely lies in the current "
        "folder may name DuckDB's own extensions only, no paths and no repositories");
  assert_int_equal(load("repo", NULL, NULL), RS_FORBIDDEN);
  loads("good", NULL, NULL);

  /* The ways out. */
  loads(NULL, NULL, ".");
  assert_string_equal(rs_output_text(o, "library", NULL), "./evil.so");
  loads("adbc", NULL, "profiles.yml");
  setenv("DBT_PROFILES_DIR", ".", 1);
  loads("sets", NULL, NULL);
  unsetenv("DBT_PROFILES_DIR");
  write_file("%R/home/.dbt/profiles.yml",
             "rockset: {outputs: {default: {type: duckdb, library: x}}}");
  assert_int_equal(chdir(in_root("%R/else")), 0);
  loads(NULL, NULL, NULL);
  assert_int_equal(chdir(in_root("%R/home/.dbt")),
                   0); /* ~/.dbt itself is trusted wherever one is */
  loads(NULL, NULL, NULL);
}

/* ---- sharing -------------------------------------------------------------------------------- */

static void references(void **state)
{
  (void)state;
  loads(NULL, NULL, "{\"type\":\"duckdb\"}");
  rs_output_retain(o);
  rs_output_release(o);
  assert_string_equal(o->type, "duckdb");
  rs_output_release(NULL);
  rs_output_retain(NULL);
  struct rs_profile_request req = {.source = "{\"type\":\"oracle\"}", .adapters = rs_target_fields};
  const struct rs_output *none = NULL;
  assert_int_equal(rs_profile_load(&req, &none, NULL), RS_INVALID); /* no text wanted */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(home_folder),
    TEST(current_folder_wins),
    TEST(profiles_dir),
    TEST(home_from_password_database),
    TEST(explicit_source),
    TEST(files_that_are_none),
    TEST(laughs),
    TEST(named),
    TEST(no_default_target),
    TEST(others_are_ignored),
    TEST(rendered_target),
    TEST(merged_outputs),
    TEST(embedded),
    TEST(embedded_in_memory),
    TEST(embedded_has_no_names),
    TEST(three_shapes),
    TEST(code_in_current_folder),
    TEST(references),
  };
  return RS_RUN(tests);
}
