# Does changes one by one, each with its journal entry; a change that fails is taken back.
# Set before, by remotego.host.shell: root (our directory), digest (what prints a SHA-256), nonce, home (the number
# of the change that makes our own directories, or none), and abandon_N for each change N.
# Lines on standard error that begin with # are read by remotego.host.faults.

journal=$root/journal
batch=$(date +%s)-$nonce
at=0 room= editing=

# note JSON: the entry of the change under way; it appears whole or not at all.
note() { printf '%s\n' "$1" > "$journal/.$batch-$at" && mv -f "$journal/.$batch-$at" "$journal/$batch-$at.json"; }
forget() { rm -f "$journal/.$batch-$1" "$journal/$batch-$1.json" "$journal/$batch-$1.before"; }
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
  [ -z "$editing" ] || printf '#edit %s\n' "$editing" >&2
  [ -z "$room" ] || { chmod -R u+w "$room" 2>/dev/null; rm -rf "$room" "$room.was"; }
  "abandon_$at" && forget "$at" # what is still there stays in the journal
  if [ "$home" ] && [ "$home" != "$at" ] && only_entry "$home"; then forget "$home"; "abandon_$home"; fi
  exit 1
}
interrupted() { echo "#signal $1" >&2; fail; }

# own_dir PATH: make a directory unless it is there. Ours must not be one that somebody else has made in the meantime;
# those above it may be anybody's.
own_dir() {
  case "$1/ $root/" in "$root"/*|"$1/ $1"/*) ;; *) editing=$1 ;; esac
  mkdir -p -m 700 -- "$1" || fail
  editing=
  case $1/ in "$root"/*) [ -O "$1" ] && ! [ -h "$1" ] || { printf '#foreign %s\n' "$1" >&2; fail; } ;; esac
}

# set_mode PATH MODE: only of what is ours, and no link.
set_mode() {
  [ -O "$1" ] && ! [ -h "$1" ] || { printf '#foreign %s\n' "$1" >&2; fail; }
  chmod "$2" "$1" || fail
}

# recheck DIRECTORY: others could write here; a program whose hash is not that of its name goes.
recheck() {
  for file in "$1"/*-*; do
    if [ -f "$file" ] && [ "$(sum_of "$file")" != "${file##*-}" ]; then rm -f -- "$file" || fail; fi
  done
}

sum_of() { sum=$($digest < "$1") && printf %s "${sum%% *}"; }

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

bound=; ! command -v timeout >/dev/null 2>&1 || bound='timeout 15'
changed() { echo '#changed' >&2; fail; }

# alone: no other controller edits in the directory of $path until released; nothing to do where there is no flock.
alone() {
  if command -v flock >/dev/null 2>&1 && [ -r "${path%/*}" ]; then
    exec 9<"${path%/*}" && $bound flock 9 || { echo 'another edit holds its directory' >&2; fail; }
  fi
}

# parses FILE CHECK...: a program reads a file and obeys nothing in it.
parses() {
  file=$1; shift
  ( unset BASH_ENV ENV; exec $bound "$@" "$file" </dev/null ) >&2
}

# check PATH OFFSET CUT WAS TEXT CHECK...: have a file read as it shall be, before any is changed; it may be that it
# cannot be read as it is.
check() {
  path=$1 offset=$2 cut=$3 was=$4 text=$5; shift 5
  command -v "$1" >/dev/null 2>&1 || return 0
  editing=$path room=$journal/.$batch-check
  {
    { [ -z "$was" ] || head -c "$offset" < "$path"; } && printf %b "$text" &&
      { [ -z "$was" ] || tail -c "+$((offset + cut + 1))" < "$path"; }
  } > "$room" || fail
  if ! parses "$room" "$@"; then
    [ -z "$was" ] || [ "$(sum_of "$path")" = "$was" ] || changed
    [ "$was" ] && ! parses "$path" "$@" 2>/dev/null && echo '#syntax before' >&2
    printf '#syntax %s\n' "$1" >&2
    fail
  fi
  rm -f "$room"
  room= editing=
}

# edit PATH OFFSET CUT WAS NOW TEXT: change a user's own file, which may be a link; TEXT is for printf %b; see
# remotego.core.change.EditFile. A second name keeps the old file in sight: what somebody writes into it until the
# rename is put back, and told.
edit() {
  path=$1 offset=$2 cut=$3 was=$4 now=$5 text=$6
  copy=$journal/$batch-$at.before
  editing=$path
  [ ! -h "$path" ] || path=$(readlink -f -- "$path") || fail
  room=${path%/*}/.remotego-$batch-$at
  alone
  if [ "$was" ]; then
    cp -p -- "$path" "$copy" && cp -p -- "$path" "$room" || fail
    [ "$(sum_of "$copy")" = "$was" ] || changed
    locked=; [ -w "$room" ] || { locked=yes; chmod u+w "$room" || fail; }
    {
      head -c "$offset" < "$copy" && printf %b "$text" && tail -c "+$((offset + cut + 1))" < "$copy"
    } > "$room" || fail
    [ -z "$locked" ] || chmod u-w "$room" || fail
  else
    ! [ -e "$path" ] || changed
    printf %b "$text" > "$room" || fail
  fi
  [ "$(sum_of "$room")" = "$now" ] || { echo '#digest differs' >&2; fail; }
  if [ "$was" ]; then
    ln -- "$path" "$room.was" 2>/dev/null
    [ "$(sum_of "$path")" = "$was" ] || changed
    mv -f -- "$room" "$path" || fail
    if [ -e "$room.was" ]; then
      [ "$(sum_of "$room.was")" = "$was" ] || { mv -f -- "$room.was" "$path"; changed; }
      rm -f -- "$room.was"
    fi
  elif ln -- "$room" "$path" 2>/dev/null; then
    rm -f -- "$room"
  else
    ! [ -e "$path" ] || changed
    mv -f -- "$room" "$path" || fail
  fi
  exec 9<&-
  [ -e "$journal/$batch-$at.json" ] || rm -f "$copy"
  room= editing=
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
