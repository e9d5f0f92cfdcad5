/*
** Redaction of registered secrets and of whatever looks like a credential (see redact.h).
**
** A text may have been cut before it comes here, so the end of the text counts as the end of a
** secret too: a registered secret's first bytes at the very end, and a password without its `@`.
*/
#include "redact.h"
#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include "mem.h"
#include "text.h"

#define SECRET_MIN 4 /* bytes; also the shortest beginning of a secret that is hidden at the end */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **secrets; /* guarded by lock */
static size_t nsecrets, secrets_cap;

enum rs_code rs_redact_add(const char *secret)
{
  if (secret == NULL || strlen(secret) < SECRET_MIN) return RS_OK;
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < nsecrets; i++)
    if (strcmp(secrets[i], secret) == 0) goto done;
  char *copy = rs_strdup(secret);
  if (copy == NULL || !rs_grow(&secrets, &secrets_cap, nsecrets + 1, sizeof *secrets)) {
    rs_free(copy);
    rc = RS_NOMEM;
    goto done;
  }
  secrets[nsecrets++] = copy;
done:
  pthread_mutex_unlock(&lock);
  return rc;
}

void rs_redact_clear(void)
{
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < nsecrets; i++) rs_free(secrets[i]);
  rs_free(secrets);
  secrets = NULL;
  nsecrets = secrets_cap = 0;
  pthread_mutex_unlock(&lock);
}

/* SQLite unloads an extension with its last connection: what is kept for the process would be lost
** memory then. */
static __attribute__((destructor)) void forget_all(void)
{
  rs_redact_clear();
}

/* Replaces n bytes at text + at; returns the position behind the replacement. */
static size_t hide(char *text, size_t cap, size_t at, size_t n)
{
  const size_t mark = sizeof RS_REDACTED - 1;
  size_t tail = strlen(text + at + n);
  if (at + 1 >= cap) return at;
  if (at + mark + 1 > cap) { // no room for the mark itself
    text[at] = 0;
    return at;
  }
  if (at + mark + tail + 1 > cap) {
    tail = cap - at - mark - 1;
    const char *end = text + at + n;
    while (tail > 0 && ((unsigned char)end[tail] & 0xC0) == 0x80) tail--;
  }
  memmove(text + at + mark, text + at + n, tail);
  memcpy(text + at, RS_REDACTED, mark);
  text[at + mark + tail] = 0;
  return at + mark;
}

/* Bytes at p that belong to a registered secret: the longest one, or the beginning of one at the
** end of the text; 0 when none. */
static size_t match_secret(const char *p)
{
  size_t best = 0;
  for (size_t i = 0; i < nsecrets; i++) {
    if (secrets[i][0] != *p) continue;
    size_t n = 0;
    while (secrets[i][n] != 0 && secrets[i][n] == p[n]) n++;
    bool whole = secrets[i][n] == 0, cut = p[n] == 0 && n >= SECRET_MIN;
    if ((whole || cut) && n > best) best = n;
  }
  return best;
}

static bool is_value_char(char c)
{
  return c != 0 && !isspace((unsigned char)c) && strchr("\"'`,;()[]{}<>", c) == NULL;
}

/* At a scheme word: the offset of its value, *n its length; 0 when there is nothing to hide. */
static size_t match_scheme(const char *text, size_t at, size_t *n)
{
  static const char *const schemes[] = {"ApiKey", "Bearer", "Basic"};
  if (at > 0 && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '_')) return 0;
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    size_t word = strlen(schemes[i]), v = at + word, len = 0, letters = 0;
    if (rs_casecmpn(text + at, schemes[i], word) != 0) continue;
    while (text[v] == ' ') v++;
    if (v == at + word) continue;
    for (; is_value_char(text[v + len]); len++)
      if (isalpha((unsigned char)text[v + len])) letters++;
    // `SELECT apikey FROM` or `basic auth`: a short plain word is language, not a credential
    if (len == 0 || (letters == len && len < 6)) continue;
    *n = len;
    return v;
  }
  return 0;
}

/* Behind an address in brackets, whose colons mean nothing here; at p when there is none. */
static size_t skip_address(const char *text, size_t p)
{
  if (text[p] != '[') return p;
  size_t end = p + 1 + strspn(text + p + 1, "0123456789abcdefABCDEF:.");
  if (text[end] == '%') end += strcspn(text + end, "]/?# \t\r\n\"'<>@"); // a zone
  return text[end] == ']' ? end + 1 : text[end] == 0 ? end : p;
}

/* What follows the colon of `://host:` at the end of a text: a port, maybe with the punctuation of
** a sentence behind it, or what stands for one in a manual ("port", "{port}", "$PORT", "%d")? */
static bool is_port(const char *p, size_t n)
{
  static const char *const words[] = {"port", "{port}", "[port]", "$port", "${port}", "%d", "n"};
  while (n > 0 && strchr(".,;:!?)]", p[n - 1]) != NULL && rs_casecmpn(p, "[port]", n) != 0) n--;
  if (strspn(p, "0123456789") >= n) return n <= 5;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strlen(words[i]) == n && rs_casecmpn(p, words[i], n) == 0) return true;
  return false;
}

/* At `://`: the offset of the userinfo's password, *n its length; 0 when there is none. */
static size_t match_userinfo(const char *text, size_t at, size_t *n)
{
  if (strncmp(text + at, "://", 3) != 0) return 0;
  size_t colon = 0, last_at = 0, i = skip_address(text, at + 3);
  for (; text[i] != 0 && strchr("/?# \t\r\n\"'<>", text[i]) == NULL; i++) {
    if (text[i] == '@') last_at = i;
    else if (colon == 0 && text[i] == ':') colon = i;
  }
  if (colon == 0) return 0;
  if (last_at == 0) {
    // the end of the text may have cut a password off
    if (text[i] != 0 || is_port(text + colon + 1, i - colon - 1)) return 0;
    last_at = i;
  }
  if (last_at <= colon + 1) return 0;
  *n = last_at - colon - 1;
  return colon + 1;
}

void rs_redact(char *text, size_t cap)
{
  if (text == NULL || cap == 0) return;
  pthread_mutex_lock(&lock);
  if (nsecrets > 0)
    for (size_t at = 0; text[at] != 0;) {
      size_t n = match_secret(text + at);
      at = n > 0 ? hide(text, cap, at, n) : at + 1;
    }
  pthread_mutex_unlock(&lock);
  for (size_t at = 0; text[at] != 0; at++) {
    size_t n = 0, v = text[at] == ':' ? match_userinfo(text, at, &n) : match_scheme(text, at, &n);
    if (v == 0 || strncmp(text + v, RS_REDACTED, sizeof RS_REDACTED - 1) == 0) continue;
    (void)hide(text, cap, v, n);
  }
}
