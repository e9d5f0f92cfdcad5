/*
** api.Column: a column's name and type as dbt knows them, and what its type is called here.
**
** Which type names count as text, as integers ... is the adapter's (struct rs_traits), else dbt's.
*/
#include "names.h"
#include "src/python/native.h"

struct column {
  struct rs_context *c;
  const char *name, *dtype;
  jv size, precision, scale; /* none where not said */
};

static const struct jv_class column_class;

/* ---- kinds of types ------------------------------------------------------------------------- */

enum kind { IS_STRING, IS_INTEGER, IS_FLOAT, IS_NUMERIC };

/* Names of dbt's base column; an engine may have its own (struct rs_traits). */
static const char *const kinds[] = {
  [IS_STRING] = " text character_varying character varchar ",
  [IS_INTEGER] = (" smallint integer bigint smallserial serial bigserial int2 int4 int8 serial2"
                  " serial4 serial8 "),
  [IS_FLOAT] = " real float4 float double_precision float8 double ",
  [IS_NUMERIC] = " numeric decimal ",
};

static bool is_kind(const struct column *col, enum kind kind)
{
  const char *own = rs_context_traits(col->c)->type_words[kind];
  char word[64];
  size_t n = strlen(col->dtype);
  if (n + 3 > sizeof word) return false;
  word[0] = word[n + 1] = ' ';
  word[n + 2] = 0;
  for (size_t i = 0; i < n; i++) {
    char ch = col->dtype[i];
    if (ch >= 'A' && ch <= 'Z') ch = (char)(ch - 'A' + 'a');
    word[i + 1] = (char)(ch == ' ' ? '_' : ch);
  }
  return strstr(own ? own : kinds[kind], word) != NULL;
}

/* ---- names of types ------------------------------------------------------------------------- */

/* "string" has another name; every other type goes by its own. */
static const char *translate(const char *type)
{
  static const char string[] = "STRING";
  size_t i = 0;
  while (string[i] != 0 && (type[i] == string[i] || type[i] == string[i] - 'A' + 'a')) i++;
  return string[i] == 0 && type[i] == 0 ? "TEXT" : type;
}

static NAMED(translate_type, "translate_type", 1, "dtype")
{
  enum rs_code rc = rs_want_text(v[0], "translate_type(): dtype", e);
  if (rc == RS_OK) *out = jv_text(j, translate(jv_cstr(v[0], NULL)));
  return rc;
}

static enum rs_code varying(struct rs_python *j, jv size, jv *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  rs_buf_str(&b, "character varying(");
  enum rs_code rc = jv_str_to(j, size, &b, e);
  rs_buf_char(&b, ')');
  if (rc != RS_OK) rs_buf_free(&b);
  return rc == RS_OK ? rs_text_take(j, &b, "string_type()", out, e) : rc;
}

static NAMED(string_type, "string_type", 1, "size")
{
  return varying(j, v[0], out, e);
}

static enum rs_code numeric(struct rs_python *j, jv dtype, jv precision, jv scale, jv *out,
                            struct rs_error *e)
{
  struct rs_buf b;
  *out = dtype;
  if (!rs_some(precision) || !rs_some(scale)) return RS_OK;
  rs_buf_init(&b, 1 << 16);
  enum rs_code rc = jv_str_to(j, dtype, &b, e);
  rs_buf_char(&b, '(');
  if (rc == RS_OK) rc = jv_str_to(j, precision, &b, e);
  rs_buf_char(&b, ',');
  if (rc == RS_OK) rc = jv_str_to(j, scale, &b, e);
  rs_buf_char(&b, ')');
  if (rc != RS_OK) rs_buf_free(&b);
  return rc == RS_OK ? rs_text_take(j, &b, "numeric_type()", out, e) : rc;
}

static NAMED(numeric_type, "numeric_type", 3, "dtype", "precision", "scale")
{
  return numeric(j, v[0], v[1], v[2], out, e);
}

/* ---- a column ------------------------------------------------------------------------------- */

jv rs_column_value(struct rs_context *c, const char *name, const char *dtype, jv size, jv precision,
                   jv scale)
{
  struct rs_arena *a = rs_python_arena(c->j);
  struct column *col = rs_arena_calloc(a, sizeof *col);
  if (col == NULL) return jv_undefined();
  *col = (struct column){.c = c,
                         .name = rs_arena_strdup(a, name),
                         .dtype = rs_arena_strdup(a, dtype),
                         .size = rs_given(size) ? size : jv_none(),
                         .precision = rs_given(precision) ? precision : jv_none(),
                         .scale = rs_given(scale) ? scale : jv_none()};
  if (col->name == NULL || col->dtype == NULL) return jv_undefined();
  return jv_object(c->j, &column_class, col);
}

static NAMED(column_make, "Column", 2, "column", "dtype", "char_size", "numeric_precision",
             "numeric_scale")
{
  enum rs_code rc = rs_want_text(v[0], "Column(): column", e);
  if (rc == RS_OK) rc = rs_want_text(v[1], "Column(): dtype", e);
  if (rc == RS_OK)
    *out = rs_column_value(ctx, jv_cstr(v[0], NULL), jv_cstr(v[1], NULL), v[2], v[3], v[4]);
  return rc;
}

static NAMED(column_create, "Column.create", 2, "name", "label_or_dtype")
{
  jv none = jv_none();
  enum rs_code rc = rs_want_text(v[0], "Column.create(): name", e);
  if (rc == RS_OK) rc = rs_want_text(v[1], "Column.create(): label_or_dtype", e);
  if (rc == RS_OK)
    *out = rs_column_value(ctx, jv_cstr(v[0], NULL), translate(jv_cstr(v[1], NULL)), none, none,
                           none);
  return rc;
}

static enum rs_code size_of(const struct column *col, jv *out, struct rs_error *e)
{
  if (!is_kind(col, IS_STRING))
    return rs_fail(e, RS_INVALID, "Called string_size() on non-string field!");
  const int own = rs_context_traits(col->c)->text_size;
  if (own > 0) *out = jv_int(own);
  else *out = rs_eq(col->dtype, "text") || !rs_some(col->size) ? jv_int(256) : col->size;
  return RS_OK;
}

static NATIVE(string_size)
{
  return size_of(ctx, out, e);
}

static enum rs_code data_type(struct rs_python *j, const struct column *col, jv *out,
                              struct rs_error *e)
{
  jv size;
  if (is_kind(col, IS_STRING)) {
    enum rs_code rc = size_of(col, &size, e);
    return rc == RS_OK ? varying(j, size, out, e) : rc;
  }
  *out = jv_text(j, col->dtype);
  if (!is_kind(col, IS_NUMERIC)) return RS_OK;
  return numeric(j, *out, col->precision, col->scale, out, e);
}

static NATIVE(can_expand_to)
{
  jv mine, others;
  const struct column *other = args->npos == 1 ? jv_self(args->pos[0], &column_class) : NULL;
  if (other == NULL) return rs_fail(e, RS_INVALID, "can_expand_to() takes a Column");
  *out = jv_bool(false);
  if (!is_kind(ctx, IS_STRING) || !is_kind(other, IS_STRING)) return RS_OK;
  enum rs_code rc = size_of(ctx, &mine, e);
  if (rc == RS_OK) rc = size_of(other, &others, e);
  if (rc == RS_OK)
    *out = jv_bool(mine.kind == JV_INT && others.kind == JV_INT && others.u.i > mine.u.i);
  return rc;
}

#define KIND_METHOD(fn, test)       \
  static NATIVE(fn)                 \
  {                                 \
    const struct column *col = ctx; \
    (void)j, (void)args, (void)e;   \
    *out = jv_bool(test);           \
    return RS_OK;                   \
  }
KIND_METHOD(is_string, is_kind(col, IS_STRING))
KIND_METHOD(is_integer, is_kind(col, IS_INTEGER))
KIND_METHOD(is_float, is_kind(col, IS_FLOAT))
KIND_METHOD(is_numeric, is_kind(col, IS_NUMERIC))
KIND_METHOD(is_number,
            is_kind(col, IS_INTEGER) || is_kind(col, IS_FLOAT) || is_kind(col, IS_NUMERIC))

/* What the class has, and therefore every column. */
static enum rs_code class_getattr(struct rs_python *j, struct rs_context *c, const char *name,
                                  size_t n, jv *out)
{
  static const struct rs_method methods[] = {{"translate_type", translate_type},
                                             {"string_type", string_type},
                                             {"numeric_type", numeric_type},
                                             {"create", column_create}};
  return rs_method_find(j, c, methods, COUNT(methods), name, n, out);
}

static CLASS_GETATTR(column_getattr)
{
  static const struct rs_method methods[] = {
    {"is_string", is_string},        {"is_integer", is_integer}, {"is_float", is_float},
    {"is_numeric", is_numeric},      {"is_number", is_number},   {"string_size", string_size},
    {"can_expand_to", can_expand_to}};
  const struct column *col = self;
#define IS(text) rs_eqn(text, name, n)
  if (IS("name") || IS("column")) *out = jv_text(j, col->name);
  else if (IS("dtype")) *out = jv_text(j, col->dtype);
  else if (IS("char_size")) *out = col->size;
  else if (IS("numeric_precision")) *out = col->precision;
  else if (IS("numeric_scale")) *out = col->scale;
  else if (IS("data_type")) return data_type(j, col, out, e);
  else if (IS("quoted")) {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 16);
    rs_dialect_ident(col->c->project->set.dialect, &b, col->name);
    return rs_text_take(j, &b, "quoted", out, e);
  } else if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) != RS_OK) {
    return class_getattr(j, col->c, name, n, out);
  }
#undef IS
  return RS_OK;
}

static CLASS_TEXT(column_str)
{
  const struct column *col = self;
  jv type;
  enum rs_code rc = data_type(j, col, &type, e);
  if (rc != RS_OK) return rc;
  rs_buf_printf(b, "<Column %s (", col->name);
  rc = jv_str_to(j, type, b, e);
  rs_buf_str(b, ")>");
  return rc;
}

static const struct jv_class column_class = {
  .name = "Column", .getattr = column_getattr, .str = column_str};

static CLASS_GETATTR(kind_getattr)
{
  return class_getattr(j, self, name, n, out);
}

static CLASS_CALL(kind_call)
{
  return column_make(j, self, args, out, e);
}

static const struct jv_class kind_class = {
  .name = "type", .getattr = kind_getattr, .call = kind_call};

jv rs_names_column_class(struct rs_context *c)
{
  return jv_object(c->j, &kind_class, c);
}
