# Read by fetch.sh of tests whose servers come by Maven. need_maven: its client is there afterwards,
# or why not is said (by say, the reader's) and it fails.
need_maven() {
  if command -v mvn >/dev/null 2>&1; then return 0; fi
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || {
    say 'the maven client is missing: apt-get install maven'
    return 1
  }
  say 'installing maven'
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends maven >/dev/null
}
