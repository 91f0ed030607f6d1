# Does changes one by one, each with its journal entry; a change that fails is taken back.
# Set before, by remotego.host.shell: root (our directory), digest (what prints a SHA-256), nonce, home (the number
# of the change that makes our own directories, or none), and abandon_N for each change N.
# Lines on standard error that begin with # are read by remotego.host.faults.

journal=$root/journal
batch=$(date +%s)-$nonce
at=0 room=

# note JSON: the entry of the change under way; it appears whole or not at all.
note() { printf '%s\n' "$1" > "$journal/.$batch-$at" && mv -f "$journal/.$batch-$at" "$journal/$batch-$at.json"; }
forget() { rm -f "$journal/.$batch-$1" "$journal/$batch-$1.json"; }
# only_entry N: whether the journal holds that change's entry and no other.
only_entry() { set -- "$1" "$journal"/*.json; [ $# = 2 ] && [ "$2" = "$journal/$batch-$1.json" ]; }

# What is left on the file system of our directory, or of the nearest one above it.
report_space() {
  dir=$journal
  while ! [ -d "${dir:-/}" ]; do dir=${dir%/*}; done
  df -Pk "${dir:-/}" 2>/dev/null | sed 's/^/#df-k /'
  df -Pi "${dir:-/}" 2>/dev/null | sed 's/^/#df-i /'
}

# Take back the change under way, and our own directories unless somebody else's entry is in them by now.
fail() {
  trap '' HUP INT TERM
  report_space >&2
  [ -z "$room" ] || rm -rf "$room"
  "abandon_$at"; forget "$at"
  if [ "$home" ] && [ "$home" != "$at" ] && only_entry "$home"; then forget "$home"; "abandon_$home"; fi
  exit 1
}
interrupted() { echo "#signal $1" >&2; fail; }

# own_dir PATH: make a directory unless it is there. Ours must not be one that somebody else has made in the meantime;
# those above it may be anybody's.
own_dir() {
  mkdir -p -m 700 -- "$1" || fail
  case $1/ in "$root"/*) [ -O "$1" ] && ! [ -h "$1" ] || { printf '#foreign %s\n' "$1" >&2; fail; } ;; esac
}

# push PATH SHA256 SIZE UNPACK [ARGUMENT...]: take a payload, verify it, run it with the arguments if there are any,
# and give it its name. All that happens in a room beside PATH, which only this change knows.
push() {
  path=$1 sha256=$2 size=$3 unpack=$4; shift 4
  room=${path%/*}/.$batch-$at
  mkdir -m 700 "$room" && payload "$size" | $unpack > "$room/file" || fail
  sum=$($digest < "$room/file") || fail
  [ "${sum%% *}" = "$sha256" ] || { echo '#digest differs' >&2; fail; }
  chmod 700 "$room/file" || fail
  [ $# = 0 ] || prove "$@"
  mv -f "$room/file" "$path" || fail
  rm -rf "$room"; room=
}

# prove ARGUMENT...: Go programs count their runs below the user's home unless told off (go.dev/doc/telemetry),
# so it gets a home of its own that goes with the room.
prove() {
  mkdir -p "$room/go/telemetry" && echo 'off 2026-01-01' > "$room/go/telemetry/mode" || fail
  (
    HOME=$room XDG_CONFIG_HOME=$room XDG_CACHE_HOME=$room TMPDIR=$room
    export HOME XDG_CONFIG_HOME XDG_CACHE_HOME TMPDIR
    exec "$room/file" "$@"
  ) </dev/null
  code=$?
  [ $code = 0 ] || { echo "#exit $code" >&2; fail; }
}

trap 'interrupted HUP' HUP
trap 'interrupted INT' INT
trap 'interrupted TERM' TERM
trap '' PIPE
