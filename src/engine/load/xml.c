/*
** XML by libexpat (see xml.h), whose functions are declared here from its public interface.
*/
#include "xml.h"
#include <pthread.h>
#include <string.h>
#include "src/base/library.h"
#include "src/base/mem.h"
#include "src/base/text.h"

enum { STATUS_ERROR = 0, ERROR_NO_MEMORY = 1 };

struct memory {
  void *(*alloc)(size_t n);
  void *(*again)(void *p, size_t n);
  void (*free)(void *p);
};

static struct {
  void *(*begin)(const char *encoding, const struct memory *m, const char *separator);
  void (*free)(void *p);
  void (*set_context)(void *p, void *ctx);
  void (*set_elements)(void *p, void (*begin)(void *, const char *, const char **),
                       void (*end)(void *, const char *));
  void (*set_text)(void *p, void (*text)(void *, const char *, int));
  void (*set_doctype)(void *p,
                      void (*begin)(void *, const char *, const char *, const char *, int));
  int (*take)(void *p, const char *text, int n, int last);
  int (*stop)(void *p, unsigned char resumable);
  int (*error)(void *p);
  const char *(*error_text)(int code);
  unsigned long (*line)(void *p);
} expat;

struct rs_xml {
  void *p;
  struct rs_xml_handler h;
  void *ctx;
  enum rs_code rc; /* a handler's */
  struct rs_error e;
};

static enum rs_code open_expat(struct rs_error *e)
{
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static bool done;
  static const struct rs_library library = {
    .name = "libexpat",
    .files = {"libexpat.so.1", "libexpat.1.dylib", "libexpat.so"},
    .use = "xlsx files",
    .packages = "apt-get install libexpat1 (Debian, Ubuntu), dnf install expat (Fedora, RHEL), "
                "zypper install libexpat1 (openSUSE), pacman -S expat (Arch); or save it as CSV",
    .version = "XML_ExpatVersion"};
  const struct rs_symbol symbols[] = {{"XML_ParserCreate_MM", &expat.begin},
                                      {"XML_ParserFree", &expat.free},
                                      {"XML_SetUserData", &expat.set_context},
                                      {"XML_SetElementHandler", &expat.set_elements},
                                      {"XML_SetCharacterDataHandler", &expat.set_text},
                                      {"XML_SetStartDoctypeDeclHandler", &expat.set_doctype},
                                      {"XML_Parse", &expat.take},
                                      {"XML_StopParser", &expat.stop},
                                      {"XML_GetErrorCode", &expat.error},
                                      {"XML_ErrorString", &expat.error_text},
                                      {"XML_GetCurrentLineNumber", &expat.line}};
  pthread_mutex_lock(&mutex);
  enum rs_code rc = done
                      ? RS_OK
                      : rs_library_open(&library, symbols, sizeof symbols / sizeof symbols[0], e);
  done = done || rc == RS_OK;
  pthread_mutex_unlock(&mutex);
  return rc;
}

static const char *local_name(const char *name)
{
  const char *colon = strchr(name, ':');
  return colon != NULL ? colon + 1 : name;
}

const char *rs_xml_attribute(const char **attributes, const char *name)
{
  for (; attributes[0] != NULL; attributes += 2)
    if (rs_eq(local_name(attributes[0]), name)) return attributes[1];
  return NULL;
}

static void settle(struct rs_xml *x, enum rs_code rc)
{
  x->rc = rc;
  if (rc != RS_OK) (void)expat.stop(x->p, 0);
}

static void on_begin(void *ctx, const char *name, const char **attributes)
{
  struct rs_xml *x = ctx;
  if (x->rc == RS_OK) settle(x, x->h.begin(x->ctx, local_name(name), attributes, &x->e));
}

static void on_end(void *ctx, const char *name)
{
  struct rs_xml *x = ctx;
  if (x->rc == RS_OK) settle(x, x->h.end(x->ctx, local_name(name), &x->e));
}

static void on_text(void *ctx, const char *p, int n)
{
  struct rs_xml *x = ctx;
  if (x->rc == RS_OK) settle(x, x->h.text(x->ctx, p, (size_t)n, &x->e));
}

static void on_doctype(void *ctx, const char *name, const char *system, const char *public, int own)
{
  struct rs_xml *x = ctx;
  (void)name, (void)system, (void)public, (void)own;
  if (x->rc == RS_OK)
    settle(x, rs_fail(&x->e, RS_FORBIDDEN, "its XML has a DTD, which no spreadsheet needs"));
}

enum rs_code rs_xml_new(const struct rs_xml_handler *h, void *ctx, struct rs_xml **out,
                        struct rs_error *e)
{
  static const struct memory memory = {rs_malloc, rs_realloc, rs_free};
  enum rs_code rc = open_expat(e);
  if (rc != RS_OK) return rc;
  struct rs_xml *x = rs_calloc(1, sizeof *x);
  if (x == NULL || (x->p = expat.begin(NULL, &memory, NULL)) == NULL) {
    rs_free(x);
    return rs_nomem(e);
  }
  x->h = *h;
  x->ctx = ctx;
  expat.set_context(x->p, x);
  expat.set_elements(x->p, on_begin, on_end);
  expat.set_text(x->p, on_text);
  expat.set_doctype(x->p, on_doctype);
  *out = x;
  return RS_OK;
}

static enum rs_code take(struct rs_xml *x, const char *p, size_t n, bool last, struct rs_error *e)
{
  if (expat.take(x->p, p, (int)n, last) != STATUS_ERROR) return RS_OK;
  if (x->rc != RS_OK) {
    if (e != NULL) *e = x->e;
    return x->rc;
  }
  int code = expat.error(x->p);
  if (code == ERROR_NO_MEMORY) return rs_nomem(e);
  return rs_fail(e, RS_INVALID, "its XML is damaged at line %lu: %s", expat.line(x->p),
                 expat.error_text(code));
}

enum rs_code rs_xml_take(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  return take(ctx, p, n, false, e);
}

enum rs_code rs_xml_end(struct rs_xml *x, struct rs_error *e)
{
  return take(x, "", 0, true, e);
}

void rs_xml_free(struct rs_xml *x)
{
  if (x == NULL) return;
  expat.free(x->p);
  rs_free(x);
}
