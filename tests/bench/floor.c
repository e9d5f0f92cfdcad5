/*
** For tests/bench/vtab.py: what can't be beaten, measured in the same process. A SQLite extension
** with nothing of ours in it:
**
**   floor_open(library, path)   opens a DuckDB database with DuckDB's own C API
**   floor_exec(sql)             runs a statement in it
**   floor_stream(sql)           reads a query as a stream, each value once; returns the rows
**   floor_first(sql)            the same, up to the first row
**   floor_keep(sql)             keeps a query's chunks in memory; returns the rows
**   floor_append(table)         appends what is kept to a table, in a transaction
**   floor_rows('sql')           module: a table that serves a query's rows from memory; what is
**                               written to it is read value by value and dropped
**
** floor_stream beside floor_rows are a scan's two floors, floor_append beside writing to floor_rows
** are an INSERT's.
*/
#include <dlfcn.h>
#include <sqlite3ext.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
SQLITE_EXTENSION_INIT1

enum { BOOLEAN = 1, BIGINT = 5, DOUBLE = 11, DATE = 13, VARCHAR = 17 };

/* What DuckDB's C API has; its header is not needed for so little. */
struct result {
  void *fields[6];
};
struct text {
  uint32_t n;
  char here[4]; /* up to 12 bytes, over p */
  const char *p;
};
static struct {
  int (*open)(const char *path, void **db);
  int (*connect)(void *db, void **connection);
  int (*query)(void *connection, const char *sql, struct result *r);
  int (*prepare)(void *connection, const char *sql, void **statement);
  int (*stream)(void *statement, struct result *r);
  void (*unprepare)(void **statement);
  const char *(*error)(struct result *r);
  void (*destroy)(struct result *r);
  uint64_t (*columns)(struct result *r);
  int (*type)(struct result *r, uint64_t column);
  void *(*fetch)(struct result r);
  uint64_t (*size)(void *chunk);
  void *(*vector)(void *chunk, uint64_t column);
  void *(*data)(void *vector);
  uint64_t *(*validity)(void *vector);
  void (*drop)(void **chunk);
  int (*appender)(void *connection, const char *schema, const char *table, void **appender);
  int (*append)(void *appender, void *chunk);
  int (*finish)(void **appender);
} duck;
static void *database, *connection;

enum { COLUMNS_MAX = 64 };
static struct {
  void **chunks;
  size_t n, cap;
} kept;

/* ISO C has no way to turn an object pointer into a function pointer. */
static int find(void *library, const char *name, void *to)
{
  void *p = dlsym(library, name);
  if (p == NULL) return 0;
  memcpy(to, &p, sizeof p);
  return 1;
}

static const char *load(const char *path)
{
  static const struct {
    const char *name;
    size_t at;
  } names[] = {{"duckdb_open", 0},
               {"duckdb_connect", 1},
               {"duckdb_query", 2},
               {"duckdb_prepare", 3},
               {"duckdb_execute_prepared_streaming", 4},
               {"duckdb_destroy_prepare", 5},
               {"duckdb_result_error", 6},
               {"duckdb_destroy_result", 7},
               {"duckdb_column_count", 8},
               {"duckdb_column_type", 9},
               {"duckdb_fetch_chunk", 10},
               {"duckdb_data_chunk_get_size", 11},
               {"duckdb_data_chunk_get_vector", 12},
               {"duckdb_vector_get_data", 13},
               {"duckdb_vector_get_validity", 14},
               {"duckdb_destroy_data_chunk", 15},
               {"duckdb_appender_create", 16},
               {"duckdb_append_data_chunk", 17},
               {"duckdb_appender_destroy", 18}};
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (!find(library, names[i].name, (char *)&duck + names[i].at * sizeof(void *)))
      return names[i].name;
  }
  return NULL;
}

/* ---- queries --------------------------------------------------------------------------------- */

static uint64_t sink; /* what the values come to: nobody may leave the reading out */

static const char *text_of(const struct text *t)
{
  return t->n <= 12 ? (const char *)t + offsetof(struct text, here) : t->p;
}

static void touch(void *chunk, uint64_t columns, const int *types)
{
  uint64_t n = duck.size(chunk), sum = 0;
  for (uint64_t c = 0; c < columns; c++) {
    void *vector = duck.vector(chunk, c), *data = duck.data(vector);
    const uint64_t *valid = duck.validity(vector);
    for (uint64_t i = 0; i < n; i++) {
      if (valid != NULL && (valid[i / 64] >> (i % 64) & 1) == 0) continue;
      switch (types[c]) {
        case BOOLEAN: sum += ((const uint8_t *)data)[i]; break;
        case DATE: sum += ((const uint32_t *)data)[i]; break;
        case VARCHAR: {
          const struct text *t = (const struct text *)data + i;
          for (uint32_t k = 0; k < t->n; k++) sum += (unsigned char)text_of(t)[k];
          break;
        }
        default: sum += ((const uint64_t *)data)[i]; break;
      }
    }
  }
  sink += sum;
}

static const char *start(const char *sql, void **statement, struct result *r)
{
  memset(r, 0, sizeof *r);
  *statement = NULL;
  if (database == NULL) return "floor_open first";
  if (duck.prepare(connection, sql, statement) != 0) return "the statement is not valid";
  return duck.stream(*statement, r) != 0 ? duck.error(r) : NULL;
}

/* Calls take(chunk) for each; it owns them. */
static sqlite3_int64 each(sqlite3_context *ctx, const char *sql, int first_only,
                          void (*take)(void *chunk, uint64_t columns, const int *types, void *arg),
                          void *arg)
{
  struct result r;
  void *statement, *chunk;
  int types[COLUMNS_MAX];
  sqlite3_int64 rows = 0;
  const char *error = start(sql, &statement, &r);
  uint64_t columns = error == NULL ? duck.columns(&r) : 0;
  if (columns > COLUMNS_MAX) error = "too many columns";
  if (error != NULL && ctx != NULL) sqlite3_result_error(ctx, error, -1);
  for (uint64_t c = 0; error == NULL && c < columns; c++) types[c] = duck.type(&r, c);
  while (error == NULL && (chunk = duck.fetch(r)) != NULL) {
    rows += (sqlite3_int64)duck.size(chunk);
    take(chunk, columns, types, arg);
    if (first_only && rows > 0) break;
  }
  duck.destroy(&r);
  duck.unprepare(&statement);
  return error == NULL ? rows : -1;
}

static void take_touch(void *chunk, uint64_t columns, const int *types, void *arg)
{
  (void)arg;
  touch(chunk, columns, types);
  duck.drop(&chunk);
}

static void take_keep(void *chunk, uint64_t columns, const int *types, void *arg)
{
  (void)columns;
  (void)types;
  (void)arg;
  if (kept.n == kept.cap) {
    kept.cap = kept.cap > 0 ? 2 * kept.cap : 64;
    kept.chunks = realloc(kept.chunks, kept.cap * sizeof *kept.chunks);
    if (kept.chunks == NULL) abort();
  }
  kept.chunks[kept.n++] = chunk;
}

static const char *argument(sqlite3_value **argv, int i)
{
  const char *s = (const char *)sqlite3_value_text(argv[i]);
  return s != NULL ? s : "";
}

static void floor_open(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  const char *error = load(argument(argv, 0));
  if (error == NULL && duck.open(argument(argv, 1), &database) != 0) error = "can't be opened";
  if (error == NULL && duck.connect(database, &connection) != 0) error = "no connection";
  if (error != NULL) sqlite3_result_error(ctx, error, -1);
}

static void floor_exec(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct result r;
  (void)argc;
  memset(&r, 0, sizeof r);
  if (database == NULL) {
    sqlite3_result_error(ctx, "floor_open first", -1);
    return;
  }
  if (duck.query(connection, argument(argv, 0), &r) != 0)
    sqlite3_result_error(ctx, duck.error(&r), -1);
  duck.destroy(&r);
}

static void floor_stream(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  sqlite3_int64 rows = each(ctx, argument(argv, 0), 0, take_touch, NULL);
  if (rows >= 0) sqlite3_result_int64(ctx, rows);
}

static void floor_first(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  sqlite3_int64 rows = each(ctx, argument(argv, 0), 1, take_touch, NULL);
  if (rows >= 0) sqlite3_result_int64(ctx, rows);
}

static void floor_keep(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  while (kept.n > 0) duck.drop(&kept.chunks[--kept.n]);
  sqlite3_int64 rows = each(ctx, argument(argv, 0), 0, take_keep, NULL);
  if (rows >= 0) sqlite3_result_int64(ctx, rows);
}

static void floor_append(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct result r;
  void *appender = NULL;
  (void)argc;
  int rc = database == NULL || duck.query(connection, "BEGIN", &r) != 0;
  if (rc == 0) duck.destroy(&r);
  if (rc == 0) rc = duck.appender(connection, NULL, argument(argv, 0), &appender);
  for (size_t i = 0; rc == 0 && i < kept.n; i++) rc = duck.append(appender, kept.chunks[i]);
  if (appender != NULL && duck.finish(&appender) != 0) rc = 1;
  if (rc == 0) rc = duck.query(connection, "COMMIT", &r);
  if (rc == 0) duck.destroy(&r);
  if (rc != 0) sqlite3_result_error(ctx, "append", -1);
}

/* ---- rows in memory -------------------------------------------------------------------------- */

struct column {
  int type;
  void *values; /* int64_t, double or char *, with a NUL */
};
struct table {
  sqlite3_vtab base;
  size_t n, cap;
  int ncolumns;
  struct column columns[COLUMNS_MAX];
};
struct cursor {
  sqlite3_vtab_cursor base;
  size_t at;
};

/* What the engine's day is as a text. */
static char *day_text(int32_t days)
{
  int64_t z = (int64_t)days + 719468, era = z / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t m = mp < 10 ? mp + 3 : mp - 9, y = yoe + era * 400 + (m <= 2);
  char *s = malloc(32);
  if (s == NULL) abort();
  (void)snprintf(s, 32, "%04d-%02d-%02d", (int)y, (int)m, (int)(doy - (153 * mp + 2) / 5 + 1));
  return s;
}

static void take_rows(void *chunk, uint64_t columns, const int *types, void *arg)
{
  struct table *t = arg;
  size_t n = (size_t)duck.size(chunk);
  if (t->n + n > t->cap) t->cap = 2 * (t->n + n);
  t->ncolumns = (int)columns;
  for (uint64_t c = 0; c < columns; c++) {
    struct column *col = &t->columns[c];
    void *data = duck.data(duck.vector(chunk, c));
    col->type = types[c];
    col->values = realloc(col->values, t->cap * 8);
    if (col->values == NULL) abort();
    for (size_t i = 0; i < n; i++) {
      char **text = (char **)col->values + t->n + i;
      if (types[c] == VARCHAR) {
        const struct text *v = (const struct text *)data + i;
        *text = malloc(v->n + (size_t)1);
        if (*text == NULL) abort();
        memcpy(*text, text_of(v), v->n);
        (*text)[v->n] = 0;
      } else if (types[c] == DATE) {
        *text = day_text(((const int32_t *)data)[i]);
      } else if (types[c] == BOOLEAN) {
        ((int64_t *)col->values)[t->n + i] = ((const uint8_t *)data)[i];
      } else {
        ((int64_t *)col->values)[t->n + i] = ((const int64_t *)data)[i]; // or a double's bits
      }
    }
  }
  t->n += n;
  duck.drop(&chunk);
}

static int rows_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **error)
{
  char sql[1024], declared[2048] = "CREATE TABLE x(";
  (void)aux;
  struct table *t = calloc(1, sizeof *t);
  if (t == NULL || argc != 4) return SQLITE_ERROR;
  (void)snprintf(sql, sizeof sql, "%.*s", (int)strlen(argv[3]) - 2, argv[3] + 1); // 'sql'
  if (each(NULL, sql, 0, take_rows, t) < 0) {
    *error = sqlite3_mprintf("floor_rows: %s", sql);
    return SQLITE_ERROR;
  }
  for (int c = 0; c < t->ncolumns; c++) {
    size_t n = strlen(declared);
    int type = t->columns[c].type;
    (void)snprintf(declared + n, sizeof declared - n, "c%d %s%s", c,
                   type == VARCHAR || type == DATE ? "TEXT"
                   : type == DOUBLE                ? "REAL"
                                                   : "INTEGER",
                   c + 1 < t->ncolumns ? "," : ")");
  }
  *out = &t->base;
  return sqlite3_declare_vtab(db, declared);
}

/* Lives as long as the process: a benchmark. */
static int rows_disconnect(sqlite3_vtab *v)
{
  free(v);
  return SQLITE_OK;
}

static int rows_best(sqlite3_vtab *v, sqlite3_index_info *info)
{
  info->estimatedRows = (sqlite3_int64)((struct table *)v)->n;
  info->estimatedCost = (double)info->estimatedRows;
  return SQLITE_OK;
}

static int rows_open(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
  struct cursor *c = calloc(1, sizeof *c);
  (void)v;
  *out = c != NULL ? &c->base : NULL;
  return c != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int rows_close(sqlite3_vtab_cursor *c)
{
  free(c);
  return SQLITE_OK;
}

static int rows_filter(sqlite3_vtab_cursor *c, int plan, const char *text, int argc,
                       sqlite3_value **argv)
{
  (void)plan;
  (void)text;
  (void)argc;
  (void)argv;
  ((struct cursor *)c)->at = 0;
  return SQLITE_OK;
}

static int rows_next(sqlite3_vtab_cursor *c)
{
  ((struct cursor *)c)->at++;
  return SQLITE_OK;
}

static int rows_eof(sqlite3_vtab_cursor *c)
{
  return ((struct cursor *)c)->at >= ((struct table *)c->pVtab)->n;
}

static int rows_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int i)
{
  const struct column *c = &((struct table *)cursor->pVtab)->columns[i];
  size_t at = ((struct cursor *)cursor)->at;
  switch (c->type) {
    case VARCHAR:
    case DATE: sqlite3_result_text(ctx, ((char **)c->values)[at], -1, SQLITE_TRANSIENT); break;
    case DOUBLE: sqlite3_result_double(ctx, ((double *)c->values)[at]); break;
    default: sqlite3_result_int64(ctx, ((int64_t *)c->values)[at]); break;
  }
  return SQLITE_OK;
}

static int rows_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
  *out = (sqlite3_int64)((struct cursor *)c)->at;
  return SQLITE_OK;
}

static int rows_update(sqlite3_vtab *v, int argc, sqlite3_value **argv, sqlite3_int64 *rowid)
{
  uint64_t sum = 0;
  (void)v;
  for (int i = 2; i < argc; i++) {
    switch (sqlite3_value_type(argv[i])) {
      case SQLITE_INTEGER: sum += (uint64_t)sqlite3_value_int64(argv[i]); break;
      case SQLITE_FLOAT: sum += sqlite3_value_double(argv[i]) > 0; break;
      case SQLITE_TEXT:
        sum += sqlite3_value_text(argv[i])[0];
        sum += (uint64_t)sqlite3_value_bytes(argv[i]);
        break;
      default: break;
    }
  }
  sink += sum;
  *rowid = 1;
  return SQLITE_OK;
}

static int rows_begin(sqlite3_vtab *v)
{
  (void)v;
  return SQLITE_OK;
}

static const sqlite3_module rows_module = {.iVersion = 1,
                                           .xCreate = rows_connect,
                                           .xConnect = rows_connect,
                                           .xBestIndex = rows_best,
                                           .xDisconnect = rows_disconnect,
                                           .xDestroy = rows_disconnect,
                                           .xOpen = rows_open,
                                           .xClose = rows_close,
                                           .xFilter = rows_filter,
                                           .xNext = rows_next,
                                           .xEof = rows_eof,
                                           .xColumn = rows_column,
                                           .xRowid = rows_rowid,
                                           .xUpdate = rows_update,
                                           .xBegin = rows_begin};

__attribute__((visibility("default"))) int sqlite3_floor_init(sqlite3 *db, char **error,
                                                              const sqlite3_api_routines *api)
{
  static const struct {
    const char *name;
    int n;
    void (*fn)(sqlite3_context *, int, sqlite3_value **);
  } functions[] = {{"floor_open", 2, floor_open},     {"floor_exec", 1, floor_exec},
                   {"floor_stream", 1, floor_stream}, {"floor_first", 1, floor_first},
                   {"floor_keep", 1, floor_keep},     {"floor_append", 1, floor_append}};
  (void)error;
  SQLITE_EXTENSION_INIT2(api);
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    int rc = sqlite3_create_function(db, functions[i].name, functions[i].n, SQLITE_UTF8, NULL,
                                     functions[i].fn, NULL, NULL);
    if (rc != SQLITE_OK) return rc;
  }
  return sqlite3_create_module(db, "floor_rows", &rows_module, NULL);
}
