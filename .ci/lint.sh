#!/bin/sh
# Format, rooms and house rules over every tracked or new .c, .h, .sh, .sql, .md and Makefile of the
# tree. Prints one line `file:line: rule` per finding and fails when there is any.
#
# Usage: lint.sh [FILE...]   only these files
set -u
export LC_ALL=C.UTF-8 # columns are characters
cd "$(dirname "$0")/.." || exit 2
CC=${CC:-cc}
findings=$(mktemp)
code=$(mktemp)
trap 'rm -f "$findings" "$code"' EXIT

if [ $# -eq 0 ]; then
  # without git (a source archive): everything but what is built
  list=$(git ls-files -co --exclude-standard 2>/dev/null) ||
    list=$(find . -path ./build -prune -o -type f -print)
  # shellcheck disable=SC2086
  set -- $(printf '%s\n' $list | sed 's,^\./,,' | sort -u)
fi

found() { echo "$*" >>"$findings"; }

# grep_rule RULE PATTERN FILE...: each matching line is a finding
grep_rule() {
  rule=$1 pattern=$2
  shift 2
  grep -nHE -- "$pattern" "$@" | sed "s#^\([^:]*:[0-9]*\):.*#\1: $rule#" >>"$findings"
}

# The code of a C file alone: comments and the insides of literals are left out, lines stay
strip() {
  awk '
    {
      out = ""
      for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (comment) { if (two == "*/") { comment = 0; i++ } }
        else if (quote != "") {
          if (c == "\\") i++
          else if (c == quote) { quote = ""; out = out c }
        }
        else if (two == "/*") { comment = 1; i++ }
        else if (two == "//") break
        else { if (c == "\"" || c == "\047") quote = c; out = out c }
      }
      if (quote != "" && $0 !~ /\\$/) quote = ""
      print out
    }' "$1"
}

# code_rule FILE RULE PATTERN: as grep_rule, over the stripped file
code_rule() {
  grep -nE -- "$3" "$code" | sed "s#^\([0-9]*\):.*#$1:\1: $2#" >>"$findings"
}

BANNED='(strcpy|strcat|sprintf|vsprintf|gets|sscanf|atoi|atof|strtok)'
RAW='(malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf)'

# http_ is net's; jv_ py_ uni_ big_ decimal_ python's; jinja_ jinja's
PREFIXES='^(rs_|http_|jv_|py_|uni_|big_|decimal_|jinja_|sqlite3_|__attribute__)'

COMPARES='(str[a-z]*str|strn?cmp|strn?casecmp|memcmp|memmem|rs_(casecmpn?|eqn?))'

c_file() {
  f=$1
  strip "$f" >"$code"
  code_rule "$f" 'banned function' "(^|[^A-Za-z0-9_>.])$BANNED *\\("
  case $f in
    src/base/mem.c) ;;
    src/* | ext/*) code_rule "$f" 'allocate with rs_malloc and its kin (src/base/mem.h)' \
      "(^|[^A-Za-z0-9_>.])$RAW *\\(" ;;
  esac
  # an error's text shows the user's own words; what may be decided by is in struct rs_error
  case $f in
    src/base/error.c | src/net/* | src/engine/duckdb/* | src/engine/adbc/* | src/engine/trino/* | \
      src/engine/rockset/* | src/engine/load/source.c) ;; # an engine's own file
    src/project/build/invoke.c) ;; # takes a place within our own templates out of it
    src/* | ext/*)
      code_rule "$f" "decides by an error's text: struct rs_error says what is to be known" \
        "$COMPARES *\\([^;]*(^|[^a-z_])((e|err|error)->|(e|own|cause|found)\\.)text"
      ;;
  esac
  case $f in
    src/*)
      grep_rule 'src/ knows no SQLite' '^ *# *include *[<"]sqlite3(ext)?\.h[>"]' "$f"
      code_rule "$f" 'src/ knows no SQLite' '(^|[^A-Za-z0-9_])sqlite3_'
      ;;
  esac
  [ "$(head -c 2 "$f")" = '/*' ] || found "$f:1: must open with a comment that says what it is for"
  lines=$(wc -l <"$f")
  case $f in
    *_tables.h) ;; # generated
    *) [ "$lines" -le 1000 ] || found "$f:$lines: file longer than 1000 lines" ;;
  esac
  # a function is what stands between a { and a } in the first column, or opens at a line's end
  awk -v f="$f" '
    /^\{/ || /^[A-Za-z].*\)[ ]*\{$/ { start = NR; open = 1 }
    /^\}/ && open {
      open = 0
      if (NR - start + 1 > 150) printf "%s:%d: function longer than 150 lines\n", f, start
    }' "$code" >>"$findings"
  # what other files can call says whose it is: our own prefix, or the room's
  case $f in
    src/*.h | ext/*.h)
      awk -v f="$f" -v own="$PREFIXES" '
        /^[a-z]/ && !/^(static|typedef|return)/ && /\(/ {
          sub(/\(.*/, "")
          n = split($0, w, /[ *]+/)
          if (w[n] !~ own) printf "%s:%d: no prefix of its room: %s\n", f, FNR, w[n]
        }' "$code" >>"$findings"
      ;;
  esac
  case $f in
    *_tables.h) ;;
    # the other headers of a test may lean on what the test includes first
    src/*.h | ext/*.h)
      $CC -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -fsyntax-only -include "$f" \
        -x c /dev/null 2>/dev/null || found "$f:1: does not compile alone"
      ;;
  esac
}

text_file() {
  tab=$(printf '\t')
  case $1 in Makefile | *.mk | *.tsv | *.out) ;; *) grep_rule 'tab' "$tab" "$1" ;; esac
  case $1 in *.md | *.out) ;; *) grep_rule 'trailing blank' '[[:blank:]]$' "$1" ;; esac
  # a long line of prose, of a table or of SQL is the reader's own window; code is not
  case $1 in
    *_tables.h | tests/sql/*.sh) ;;
    *.c | *.h | *.sh | Makefile | tests/run | .ci/run)
      grep_rule 'longer than 100 columns' '^.{101,}' "$1"
      ;;
  esac
  case $1 in
    tests/fixtures/schema-*.sql) ;; # what an older release wrote
    *.sql) grep_rule 'longer than 200 columns' '^.{201,}' "$1" ;;
  esac
  # written so that this line does not find itself
  grep_rule 'unfinished work' '(^|[^A-Za-z])(TO''DO|FIX''ME|XX''X)([^A-Za-z]|$)' "$1"
  grep_rule "a path of someone's machine" '(^|[^A-Za-z0-9_.@])/(home|root|Users|work)/[a-z]' "$1"
  grep_rule "a path of someone's machine" '/tmp''/(wt|x)/' "$1"
  grep_rule 'a page that is not in this repository' '(^|[^a-z_])desi''gn\.md' "$1"
}

# Rooms and what each may include (.ci/layers.tsv)
.ci/layers.py >>"$findings"

# One text for rockset_help() and the page
.ci/reference.py check 2>>"$findings" || true

# A seeded fault (make test-differential-faults) that no longer applies is none
if command -v patch >/dev/null 2>&1; then
  for f in tests/differential/faults/*.patch; do
    patch -p1 -s -f --dry-run -i "$f" >/dev/null 2>&1 || found "$f:1: the patch does not apply"
  done
fi

formatted=
for f in "$@"; do
  [ ! -L "$f" ] || found "$f:1: a symbolic link: it points into one machine"
  [ -f "$f" ] || continue
  case $f in
    *.c | *.h | *.sh | *.sql | *.md | Makefile | tests/run | .ci/run) text_file "$f" ;;
  esac
  case $f in
    *_tables.h) c_file "$f" ;;
    *.c | *.h) c_file "$f" && formatted="$formatted $f" ;;
  esac
done

if ! command -v clang-format >/dev/null 2>&1; then
  echo 'lint: no clang-format here: the format is NOT checked'
elif [ "$(clang-format --version | sed 's/.*version \([0-9]*\).*/\1/')" != 14 ]; then
  echo "lint: clang-format is not version 14 ($(clang-format --version)): the format is NOT checked"
else
  for f in $formatted; do
    # the first differing line of each file
    line=$(clang-format "$f" | diff "$f" - | sed -n '1s/[^0-9].*//p')
    [ -z "$line" ] || found "$f:$line: format (clang-format -i $f)"
  done
fi

sort -u "$findings"
n=$(sort -u "$findings" | grep -c '')
[ "$n" -eq 0 ] && echo 'lint: ok' || echo "lint: $n findings"
[ "$n" -eq 0 ]
