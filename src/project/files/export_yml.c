/*
** Edits of yml texts (export_internal.h): one entry of a list or one top-level key is replaced line
** by line, so that comments and the order of everything else stay. What can't be edited so (a list
** in one line, JSON) is written anew as a whole.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "export_internal.h"

#define TEXT_MAX ((size_t)256 << 20)

/* ---- JSON as YAML --------------------------------------------------------------------------- */

static bool is_plain(const char *p, size_t n)
{
  static const char extra[] = "_-./ ()";
  if (n == 0 || n > 200 || p[n - 1] == ' ') return false;
  for (size_t i = 0; i < n; i++) {
    bool letter = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');
    bool digit = p[i] >= '0' && p[i] <= '9';
    if (i == 0 && p[i] == '+' && n > 1) continue;
    if (i == 0 && !letter && p[i] != '_') return false;
    if (!letter && !digit && strchr(extra, p[i]) == NULL) return false;
  }
  char copy[201];
  memcpy(copy, p, n);
  copy[n] = 0;
  struct rs_yaml v = {.kind = RS_YAML_TEXT, .plain = true, .text = copy, .n = n};
  rs_yaml_resolve(&v);
  return v.kind == RS_YAML_TEXT;
}

/* Lines that a block (`|`) gives back as they are. */
static bool is_block(const char *p, size_t n)
{
  // What YAML takes for line breaks, too, or for a mark
  static const char *const breaks[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"};
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
    if (memmem(p, n, breaks[i], strlen(breaks[i])) != NULL) return false;
  if (memchr(p, '\n', n) == NULL || *p == ' ' || *p == '\n' || (n > 1 && p[n - 2] == '\n'))
    return false;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)p[i];
    if ((c < 0x20 && c != '\n') || c == 0x7F) return false;
    if (c == ' ' && (i + 1 == n || p[i + 1] == '\n')) return false;
  }
  return true;
}

static void spaces(struct rs_buf *b, int n)
{
  for (int i = 0; i < n; i++) rs_buf_char(b, ' ');
}

static void put_string(struct rs_buf *b, const char *p, size_t n, int indent)
{
  if (is_plain(p, n)) {
    rs_buf_add(b, p, n);
    return;
  }
  if (!is_block(p, n)) {
    rs_buf_json_str(b, p, n);
    return;
  }
  bool ends = p[n - 1] == '\n';
  rs_buf_str(b, ends ? "|" : "|-");
  for (size_t at = 0, end; at < n; at = end + 1) {
    const char *line = memchr(p + at, '\n', n - at);
    end = line != NULL ? (size_t)(line - p) : n;
    rs_buf_char(b, '\n');
    if (end > at) spaces(b, indent);
    rs_buf_add(b, p + at, end - at);
  }
}

/* A few words fit on one line. */
static bool is_short(const struct rs_json *list)
{
  size_t n = 0;
  for (const struct rs_json *i = list->first; i != NULL; i = i->next) {
    if (i->kind == RS_J_ARRAY || i->kind == RS_J_OBJECT) return false;
    if (i->kind == RS_J_STRING && !is_plain(i->p, i->n)) return false;
    n += i->n + 2;
  }
  return n < 70;
}

static void put_value(struct rs_buf *b, const struct rs_json *v, int indent);

/* The members of a map; the first one's indentation stands there already. */
static void put_members(struct rs_buf *b, const struct rs_json *v, int indent)
{
  for (const struct rs_json *m = v->first; m != NULL; m = m->next) {
    if (m != v->first) {
      rs_buf_char(b, '\n');
      spaces(b, indent);
    }
    put_string(b, m->key, m->nkey, indent);
    rs_buf_char(b, ':');
    if (m->kind == RS_J_OBJECT && m->n > 0) {
      rs_buf_char(b, '\n');
      spaces(b, indent + 2);
      put_members(b, m, indent + 2);
    } else if (m->kind == RS_J_ARRAY && m->n > 0 && !is_short(m)) {
      put_value(b, m, indent + 2);
    } else {
      rs_buf_char(b, ' ');
      put_value(b, m, indent + 2);
    }
  }
}

/* A list's items are on lines of their own, each begun by a line break. */
static void put_value(struct rs_buf *b, const struct rs_json *v, int indent)
{
  if (v->kind == RS_J_STRING) {
    put_string(b, v->p, v->n, indent);
  } else if (v->kind == RS_J_OBJECT && v->n > 0) {
    put_members(b, v, indent);
  } else if (v->kind == RS_J_ARRAY && is_short(v)) {
    rs_buf_char(b, '[');
    for (const struct rs_json *i = v->first; i != NULL; i = i->next) {
      if (i != v->first) rs_buf_str(b, ", ");
      put_value(b, i, indent);
    }
    rs_buf_char(b, ']');
  } else if (v->kind == RS_J_ARRAY) {
    for (const struct rs_json *i = v->first; i != NULL; i = i->next) {
      rs_buf_char(b, '\n');
      spaces(b, indent);
      rs_buf_str(b, "- ");
      if (i->kind == RS_J_ARRAY) rs_json_write(b, i);
      else put_value(b, i, indent + 2);
    }
  } else {
    rs_json_write(b, v);
  }
}

static void put_items(struct rs_buf *b, const struct rs_json *entries, int indent)
{
  for (const struct rs_json *i = entries->first; i != NULL; i = i->next) {
    spaces(b, indent);
    rs_buf_str(b, "- ");
    put_value(b, i, indent + 2);
    rs_buf_char(b, '\n');
  }
}

/* ---- where things stand --------------------------------------------------------------------- */

static bool is_name(const struct rs_yaml *item, const char *name)
{
  const struct rs_yaml *v = rs_yaml_get(item, "name");
  return v != NULL && rs_eq(v->text, name);
}

const struct rs_yaml *rs_yml_find(const struct rs_yaml *root, const char *section, const char *name)
{
  const struct rs_yaml *list = rs_yaml_get(root, section);
  for (size_t i = 0; list != NULL && list->kind == RS_YAML_LIST && i < list->count; i++)
    if (is_name(list->items[i], name)) return list->items[i];
  return NULL;
}

/* Where line `line` (from 1) begins. */
static size_t line_at(const struct rs_buf *text, int line)
{
  size_t at = 0;
  for (int i = 1; i < line && at < text->n; i++) {
    const char *end = memchr(text->p + at, '\n', text->n - at);
    at = end != NULL ? (size_t)(end - text->p) + 1 : text->n;
  }
  return at;
}

static size_t line_before(const struct rs_buf *text, size_t at)
{
  if (at == 0) return 0;
  for (at--; at > 0 && text->p[at - 1] != '\n'; at--) {
  }
  return at;
}

static size_t indent_of(const struct rs_buf *text, size_t at)
{
  size_t n = 0;
  while (at + n < text->n && text->p[at + n] == ' ') n++;
  return n;
}

static char first_char(const struct rs_buf *text, size_t at)
{
  at += indent_of(text, at);
  return at < text->n ? text->p[at] : '\n';
}

/* Lines of blanks and comments at the end of [from, to) belong to what follows. */
static size_t trim_end(const struct rs_buf *text, size_t from, size_t to)
{
  while (to > from) {
    size_t last = line_before(text, to);
    char c = first_char(text, last);
    if (last <= from || (c != '\n' && c != '\r' && c != '#')) break;
    to = last;
  }
  return to;
}

static size_t next_key(const struct rs_buf *text, const struct rs_yaml *root, int line)
{
  size_t best = text->n;
  for (size_t i = 0; i < root->count; i++) {
    if (root->pairs[i].key->line <= line) continue;
    size_t at = line_at(text, root->pairs[i].key->line);
    if (at < best) best = at;
  }
  return best;
}

/* The lines of item i of a list. False: it has none of its own. */
static bool item_lines(const struct rs_buf *text, const struct rs_yaml *root,
                       const struct rs_yaml *list, size_t i, size_t *from, size_t *to)
{
  size_t at = line_at(text, list->items[i]->line), key = line_at(text, list->line);
  while (first_char(text, at) != '-' && at > key) at = line_before(text, at);
  if (first_char(text, at) != '-') return false;
  *from = at;
  *to = i + 1 < list->count ? line_at(text, list->items[i + 1]->line)
                            : next_key(text, root, list->items[i]->line);
  if (i + 1 < list->count)
    while (first_char(text, *to) != '-' && *to > at) *to = line_before(text, *to);
  *to = trim_end(text, *from, *to);
  return *to > *from;
}

/* ---- edits ---------------------------------------------------------------------------------- */

static enum rs_code parse(const struct rs_buf *text, struct rs_arena *a,
                          const struct rs_yaml **root, struct rs_error *e)
{
  enum rs_code rc = rs_yaml_parse_loose("yml", text->n > 0 ? text->p : "", text->n, a, NULL, NULL,
                                        root, e);
  if (rc == RS_OK && (*root)->kind != RS_YAML_MAP && (*root)->kind != RS_YAML_NULL)
    rc = rs_fail(e, RS_INVALID, "yml: it must be a map");
  return rc;
}

static enum rs_code replace(struct rs_buf *text, size_t from, size_t to, const struct rs_buf *with,
                            struct rs_error *e)
{
  struct rs_buf made;
  rs_buf_init(&made, TEXT_MAX);
  rs_buf_add(&made, text->p, from);
  if (from > 0 && text->p[from - 1] != '\n') rs_buf_char(&made, '\n');
  rs_buf_add(&made, with->n > 0 ? with->p : "", with->n);
  rs_buf_add(&made, text->p + to, text->n - to);
  enum rs_code rc = rs_buf_error(&made, e, "yml");
  if (rc == RS_OK) rc = rs_buf_error(with, e, "yml");
  if (rc != RS_OK) {
    rs_buf_free(&made);
    return rc;
  }
  rs_buf_free(text);
  *text = made;
  return RS_OK;
}

static size_t count_name(const struct rs_yaml *root, const char *section, const char *name,
                         size_t *all)
{
  const struct rs_yaml *list = rs_yaml_get(root, section);
  size_t n = 0;
  *all = list != NULL && list->kind == RS_YAML_LIST ? list->count : 0;
  for (size_t i = 0; i < *all; i++) n += is_name(list->items[i], name);
  return n;
}

/* Line by line: the first entry's lines become the new ones, those of others of the name go. */
static enum rs_code splice(struct rs_buf *text, const struct rs_yaml *root, const char *section,
                           const char *name, const struct rs_json *entries, bool *done,
                           struct rs_error *e)
{
  const struct rs_yaml *list = rs_yaml_get(root, section);
  struct rs_buf with, none = {0};
  size_t from = 0, to = 0;
  enum rs_code rc = RS_OK;
  *done = false;
  rs_buf_init(&with, TEXT_MAX);
  if (list == NULL) {
    if (text->n > 0) rs_buf_char(&with, '\n');
    rs_buf_printf(&with, "%s:\n", section);
    put_items(&with, entries, 2);
    rc = replace(text, text->n, text->n, &with, e);
    *done = true;
  } else if (list->kind == RS_YAML_LIST && list->count > 0) {
    bool put = false;
    *done = true;
    for (size_t i = list->count; rc == RS_OK && *done && i-- > 0;) {
      if (!is_name(list->items[i], name)) continue;
      bool first = true;
      for (size_t k = 0; k < i; k++) first &= !is_name(list->items[k], name);
      *done = item_lines(text, root, list, i, &from, &to);
      if (first) put_items(&with, entries, (int)indent_of(text, from));
      if (*done) rc = replace(text, from, to, first ? &with : &none, e);
      put |= first;
    }
    if (rc == RS_OK && *done && !put) {
      *done = item_lines(text, root, list, list->count - 1, &from, &to);
      put_items(&with, entries, (int)indent_of(text, from));
      if (*done) rc = replace(text, to, to, &with, e);
    }
  }
  rs_buf_free(&with);
  return rc;
}

/* The whole text from its tree; `section` (or the key) with another value, NULL: without it. */
static enum rs_code rewrite(struct rs_buf *text, const struct rs_yaml *root, const char *key,
                            const struct rs_json *value, struct rs_arena *a, struct rs_error *e)
{
  struct rs_buf json, made;
  struct rs_json *tree;
  rs_buf_init(&json, TEXT_MAX);
  rs_yaml_json(root->kind == RS_YAML_MAP ? root : NULL, &json);
  enum rs_code rc = rs_buf_error(&json, e, "yml");
  // The tree borrows the text, which dies with this call: so does the tree
  if (rc == RS_OK && root->kind != RS_YAML_MAP) {
    tree = rs_json_new(a, RS_J_OBJECT);
    rc = tree == NULL ? rs_nomem(e) : RS_OK;
  } else if (rc == RS_OK) {
    rc = rs_json_parse(rs_buf_text(&json), json.n, RS_YAML_MAX_DEPTH + 4, a, &tree, e);
  }
  if (rc == RS_OK) {
    rs_json_remove(tree, rs_json_get(tree, key));
    struct rs_json *copy = value != NULL ? rs_json_copy(a, value) : NULL;
    if (value != NULL && copy == NULL) rc = rs_nomem(e);
    if (rc == RS_OK && copy != NULL) {
      copy->key = key;
      copy->nkey = strlen(key);
      rs_json_add(tree, copy);
    }
  }
  rs_buf_init(&made, TEXT_MAX);
  if (rc == RS_OK && tree->n > 0) {
    put_members(&made, tree, 0);
    rs_buf_char(&made, '\n');
  }
  if (rc == RS_OK) rc = rs_buf_error(&made, e, "yml");
  rs_buf_free(&json);
  if (rc != RS_OK) {
    rs_buf_free(&made);
    return rc;
  }
  rs_buf_free(text);
  *text = made;
  return RS_OK;
}

/* The list with the entries of the name replaced, for rewrite(). */
static enum rs_code whole_list(const struct rs_yaml *root, const char *section, const char *name,
                               const struct rs_json *entries, struct rs_arena *a,
                               struct rs_json **out, struct rs_error *e)
{
  const struct rs_yaml *list = rs_yaml_get(root, section);
  struct rs_json *made = rs_json_new(a, RS_J_ARRAY), *one;
  bool put = false;
  if (made == NULL) return rs_nomem(e);
  for (size_t i = 0; list != NULL && list->kind == RS_YAML_LIST && i <= list->count; i++) {
    const char *json;
    bool other = i < list->count && !is_name(list->items[i], name);
    if (!other && !put) {
      for (const struct rs_json *x = entries->first; x != NULL; x = x->next) {
        if ((one = rs_json_copy(a, x)) == NULL) return rs_nomem(e);
        rs_json_add(made, one);
      }
      put = true;
    }
    if (!other) continue;
    enum rs_code rc = rs_yaml_keep_json(list->items[i], a, &json, e);
    if (rc == RS_OK) rc = rs_json_parse(json, strlen(json), RS_YAML_MAX_DEPTH + 4, a, &one, e);
    if (rc != RS_OK) return rc;
    rs_json_add(made, one);
  }
  for (const struct rs_json *x = entries->first; !put && x != NULL; x = x->next) {
    if ((one = rs_json_copy(a, x)) == NULL) return rs_nomem(e);
    rs_json_add(made, one);
  }
  *out = made;
  return RS_OK;
}

enum rs_code rs_yml_set_key(struct rs_buf *text, const char *key, const struct rs_json *value,
                            struct rs_arena *a, struct rs_error *e)
{
  const struct rs_yaml *root, *now;
  struct rs_buf with, before, want, have;
  size_t from = text->n, to = text->n, found = 0;
  enum rs_code rc = parse(text, a, &root, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < root->count; i++) {
    const struct rs_yaml *k = root->pairs[i].key;
    if (!rs_eq(k->text, key)) continue;
    found = 1;
    from = line_at(text, k->line);
    to = trim_end(text, from, next_key(text, root, k->line));
  }
  if (!found && value == NULL) return RS_OK;
  rs_buf_init(&with, TEXT_MAX);
  rs_buf_init(&before, TEXT_MAX);
  rs_buf_init(&want, TEXT_MAX);
  rs_buf_init(&have, TEXT_MAX);
  struct rs_json *only = rs_json_new(a, RS_J_OBJECT);
  struct rs_json *copy = value != NULL ? rs_json_copy(a, value) : NULL;
  if (only == NULL || (value != NULL && copy == NULL)) return rs_nomem(e);
  if (copy != NULL) {
    copy->key = key;
    copy->nkey = strlen(key);
    rs_json_add(only, copy);
    put_members(&with, only, 0);
    rs_buf_char(&with, '\n');
    rs_json_write(&want, copy);
  }
  rs_buf_add(&before, rs_buf_text(text), text->n);
  rc = rs_buf_error(&before, e, "yml");
  if (rc == RS_OK) rc = replace(text, from, to, &with, e);
  bool good = rc == RS_OK && parse(text, a, &now, NULL) == RS_OK &&
              now->count == root->count - found + (value != NULL);
  if (good && value != NULL) {
    struct rs_json *tree;
    const char *json;
    good = rs_yaml_keep_json(rs_yaml_get(now, key), a, &json, NULL) == RS_OK && json != NULL &&
           rs_json_parse(json, strlen(json), RS_YAML_MAX_DEPTH + 4, a, &tree, NULL) == RS_OK;
    if (good) rs_json_write(&have, tree);
    good = good && rs_eq(rs_buf_text(&have), rs_buf_text(&want));
  }
  if (rc == RS_OK && !good) {
    rs_buf_free(text);
    *text = before;
    rs_buf_init(&before, TEXT_MAX);
    rc = rewrite(text, root, key, value, a, e);
  }
  rs_buf_free(&with);
  rs_buf_free(&before);
  rs_buf_free(&want);
  rs_buf_free(&have);
  return rc;
}

enum rs_code rs_yml_set_entries(struct rs_buf *text, const char *section, const char *name,
                                const struct rs_json *entries, struct rs_arena *a,
                                struct rs_error *e)
{
  const struct rs_yaml *root, *now;
  struct rs_buf before;
  struct rs_json *list = NULL;
  size_t all, now_all;
  bool done = false;
  enum rs_code rc = parse(text, a, &root, e);
  if (rc != RS_OK) return rc;
  size_t had = count_name(root, section, name, &all);
  if (had == 0 && entries->n == 0) return RS_OK;
  rs_buf_init(&before, TEXT_MAX);
  rs_buf_add(&before, rs_buf_text(text), text->n);
  rc = rs_buf_error(&before, e, "yml");
  if (rc == RS_OK) rc = splice(text, root, section, name, entries, &done, e);
  if (rc == RS_OK && done)
    done = parse(text, a, &now, NULL) == RS_OK &&
           count_name(now, section, name, &now_all) == entries->n &&
           now_all == all - had + entries->n;
  if (rc == RS_OK && !done) {
    rs_buf_free(text);
    *text = before;
    rc = whole_list(root, section, name, entries, a, &list, e);
    return rc == RS_OK ? rs_yml_set_key(text, section, list, a, e) : rc;
  }
  rs_buf_free(&before);
  return rc;
}
