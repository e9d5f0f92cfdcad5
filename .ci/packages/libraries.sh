#!/bin/sh
# Makes what a package of one machine is linked with: a compiler for it, and cJSON, libyaml, zlib,
# libmicrohttpd and SQLite from Debian's or Ubuntu's sources as static libraries. A package then
# needs libc only.
#
# Usage: libraries.sh BUILD MACHINE        MACHINE: x86_64-linux, aarch64-linux, aarch64-macos
#
#   BUILD/packages/zig              requirements.txt: PyPI's ziglang, a C compiler for every machine
#   BUILD/packages/source           the sources, from apt-get source
#   BUILD/packages/MACHINE/cc       the compiler
#   BUILD/packages/MACHINE/include
#   BUILD/packages/MACHINE/lib      libdeps.a, libsqlite3.a, libmicrohttpd.a (no TLS: GnuTLS would
#                                   be ten more)
#
# A second run finds all of it and needs no network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mkdir -p "$1" && cd "$1" && pwd)
machine=$2
sources='cjson libyaml zlib libmicrohttpd sqlite3'
top=$build/packages
zig=$top/zig/bin/python
source=$top/source
dir=$top/$machine
mkdir -p "$top"

say() { echo "packages: $*" >&2; }

# glibc 2.28 is what the wheels promise (manylinux_2_28)
case $machine in
  x86_64-linux | aarch64-linux) target=$machine-gnu.2.28 host=$machine-gnu ;;
  aarch64-macos) target=$machine host= ;;
  *)
    say "no packages are made for $machine"
    exit 2
    ;;
esac

get_zig() {
  wanted=$(cksum <"$here/requirements.txt")
  [ "$(cat "$top/zig/ok" 2>/dev/null)" != "$wanted" ] || return 0
  say 'fetching the compiler (ziglang)'
  rm -rf "$top/zig"
  python3 -m venv "$top/zig"
  "$top/zig/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r "$here/requirements.txt"
  echo "$wanted" >"$top/zig/ok"
}

# apt's own lists of packages, asked for sources as well, in a folder of ours: the system's stay as
# they are
get_sources() {
  [ "$(cat "$source/stamp" 2>/dev/null)" != "$sources" ] || return 0
  say "fetching the sources of $sources"
  rm -rf "$source"
  mkdir -p "$source/lists" "$source/state/partial" "$source/cache/archives/partial"
  for f in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $f in
      *.sources) sed 's/^Types:.*/Types: deb-src/' "$f" >"$source/lists/${f##*/}" ;;
      *.list) [ ! -f "$f" ] || sed -n 's/^deb /deb-src /p' "$f" >"$source/lists/${f##*/}" ;;
    esac
  done
  cat >"$source/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$source/lists";
Dir::State::lists "$source/state";
Dir::Cache "$source/cache";
APT::Sandbox::User "root";
END
  (
    cd "$source"
    export APT_CONFIG="$source/apt.conf"
    # a list of somebody else's without sources is no failure: the next line tells
    apt-get update -q >update.log 2>&1 || true
    # shellcheck disable=SC2086
    apt-get source -q $sources >source.log 2>&1 || {
      cat update.log source.log >&2
      exit 1
    }
    for s in $sources; do
      for f in "$s"-*/; do mv "$f" "$s"; done
    done
  )
  echo "$sources" >"$source/stamp"
}

make_compiler() {
  mkdir -p "$dir/include/curl" "$dir/include/cjson" "$dir/lib" "$dir/obj"
  printf '#!/bin/sh\nexec "%s" -m ziglang cc -target %s "$@"\n' "$zig" "$target" >"$dir/cc"
  printf '#!/bin/sh\nexec "%s" -m ziglang ar "$@"\n' "$zig" >"$dir/ar"
  printf '#!/bin/sh\nexec "%s" -m ziglang ranlib "$@"\n' "$zig" >"$dir/ranlib"
  chmod +x "$dir/cc" "$dir/ar" "$dir/ranlib"
  # headers of what is loaded at run time, or is the host's: the same on every machine
  for h in sqlite3.h sqlite3ext.h; do cp "$(header_of $h)" "$dir/include/"; done
  cp "$(dirname "$(header_of curl/curl.h)")"/*.h "$dir/include/curl/"
}

# header_of NAME: where this machine's compiler finds it
header_of() {
  echo "#include <$1>" | ${CC:-cc} -E - | sed -n "s,^# 1 \"\(.*/$1\)\".*,\1,p" | head -1
}

# compile FLAGS...: one file, without a word: these are not our sources
compile() {
  (cd "$dir/obj" && "$dir/cc" -w -O2 -g0 -fPIC -fvisibility=hidden -c "$@")
}

make_libraries() {
  compile -DCJSON_HIDE_SYMBOLS "$source/cjson/cJSON.c"
  cp "$source/cjson/cJSON.h" "$dir/include/cjson/"
  for f in "$source"/libyaml/src/*.c; do
    compile -I"$source/libyaml/include" -DYAML_DECLARE_STATIC -DYAML_VERSION_MAJOR=0 \
      -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 '-DYAML_VERSION_STRING="0.2.5"' "$f"
  done
  cp "$source/libyaml/include/yaml.h" "$dir/include/"
  for f in adler32 crc32 deflate inflate inffast inftrees trees zutil compress uncompr infback \
    gzclose gzlib gzread gzwrite; do
    # fdopen: zlib takes today's macOS for the one before X, and defines it away
    compile -Dfdopen=fdopen -DHAVE_UNISTD_H -DHAVE_HIDDEN -D_LARGEFILE64_SOURCE=1 \
      "$source/zlib/$f.c"
  done
  cp "$source/zlib/zlib.h" "$source/zlib/zconf.h" "$dir/include/"
  "$dir/ar" rcs "$dir/lib/libdeps.a" "$dir"/obj/*.o
}

# In one file, which tclsh makes of the sources
make_sqlite() {
  rm -rf "$dir/sqlite"
  mkdir "$dir/sqlite"
  (
    cd "$dir/sqlite"
    { "$source/sqlite3/configure" --disable-tcl && make sqlite3.c; } >log 2>&1 || {
      tail -20 log >&2
      exit 1
    }
  )
  compile -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_DQS=0 -o "$dir/sqlite/sqlite3.o" \
    "$dir/sqlite/sqlite3.c"
  "$dir/ar" rcs "$dir/lib/libsqlite3.a" "$dir/sqlite/sqlite3.o"
}

make_microhttpd() {
  rm -rf "$dir/microhttpd"
  mkdir "$dir/microhttpd"
  (
    cd "$dir/microhttpd"
    {
      "$source/libmicrohttpd/configure" --host="$host" CC="$dir/cc" \
        AR="$dir/ar" RANLIB="$dir/ranlib" \
        CFLAGS="-w -O2 -g0 -fPIC -fmacro-prefix-map=$source/=" --disable-shared --enable-static \
        --disable-https --disable-doc --disable-examples --disable-curl --disable-tools &&
        make -C src/microhttpd libmicrohttpd.la
    } >log 2>&1 || {
      tail -20 log >&2
      exit 1
    }
    cp src/microhttpd/.libs/libmicrohttpd.a "$dir/lib/"
  )
  cp "$source/libmicrohttpd/src/include/microhttpd.h" "$dir/include/"
}

get_zig
[ "$(cat "$dir/stamp" 2>/dev/null)" != "$sources" ] || exit 0
get_sources
say "compiling libraries for $machine"
make_compiler
make_libraries
if [ -n "$host" ]; then
  make_microhttpd
  make_sqlite
fi
echo "$sources" >"$dir/stamp"
