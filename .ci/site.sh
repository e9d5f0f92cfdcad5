#!/bin/sh
# Builds the site of docs/ into BUILD/site. Usage: site.sh BUILD
#
# Zensical comes from PyPI into BUILD/deps/site (site.txt has the hashes). It builds a copy: it
# keeps a cache beside its file, and nothing is written outside of BUILD.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
env=$build/deps/site
work=$build/obj/site

wanted=$(cksum <"$here/site.txt")
if [ "$(cat "$env/ok" 2>/dev/null)" != "$wanted" ]; then
  echo 'site: fetching zensical' >&2
  rm -rf "$env"
  python3 -m venv "$env"
  "$env/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r "$here/site.txt"
  echo "$wanted" >"$env/ok"
fi
rm -rf "$work"
mkdir -p "$work"
cp -r "$here/../docs" "$work/docs"
sed 's,^site_dir: .*,site_dir: site,' "$here/../mkdocs.yml" >"$work/mkdocs.yml"
(cd "$work" && NO_COLOR=1 "$env/bin/zensical" build --strict --clean) >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  exit 1
}
rm -rf "$build/site"
mv "$work/site" "$build/site"
echo "$build/site/index.html"
