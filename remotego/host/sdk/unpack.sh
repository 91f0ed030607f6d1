# Unpacks an SDK while it arrives; used with remotego/host/batch.sh, whose fail and discard it calls.

# unpack PATH SHA256 SIZE ANEW SAYS TOLD CONTENT PROGRAM [ARGUMENT...]: see remotego.core.change.Unpack.
unpack() {
  path=$1 sha256=$2 size=$3 anew=$4 says=$5 told=$6 content=$7; shift 7
  room=${path%/*}/.$batch-$at
  mkdir -m 700 "$room" "$room/arrived" || fail
  sum=$(stream "$size") || fail
  [ ! -e "$room/failed" ] || { echo '#unpacking failed' >&2; fail; }
  [ "${sum%% *}" = "$sha256" ] || { echo '#digest differs' >&2; fail; }
  tree=$room/${path##*/}
  adopt "$room/arrived"/*/ || fail
  [ -z "$content" ] || compare "$tree" || fail
  seal || fail
  if [ $# != 0 ]; then
    said=$(try "$tree" "$@") || { echo "#exit $?" >&2; fail; }
    [ "$said" = "$says" ] || { printf '%s\n' "$said" "#says $says" >&2; fail; }
  fi
  settle
  discard "$room"; room=
}

# stream SIZE: take the payload, give its digest, and leave the unpacked tree. A tar that has what it wants must not end
# before the last byte has been hashed, and one that fails ends the whole at once.
stream() {
  {
    {
      trap - PIPE
      payload "$1" | tee /proc/self/fd/4 | ( umask 022; gzip -dc | { tar -xf - -C "$room/arrived" && cat >/dev/null; } )
    } >&2 || : > "$room/failed"
  } 4>&1 | $digest
}

# adopt DIRECTORY...: the tree is the only directory that has arrived; its manifest may stand beside it.
adopt() {
  [ $# = 1 ] && [ -d "$1" ] || { echo '#no tree' >&2; return 1; }
  mv -f -- "${1%/}" "$tree" || return 1
  [ ! -e "$room/arrived/$manifest" ] || mv -f -- "$room/arrived/$manifest" "$tree/"
}

# compare TREE: every file is as the listing says that has arrived beside it, and nothing else is there.
compare() {
  (
    cd -- "$1" || exit 1
    find . -type f -exec $digest {} +
    find . ! -type f ! -type d | sed 's/^/-  /'
  ) | sed 's/^\([0-9a-f]*\) [ *]/\1  /' | LC_ALL=C sort > "$room/found"
  sum=$($digest < "$room/found") && [ "${sum%% *}" = "$content" ] && return
  cat "$room/found" "$room/arrived/$listing" | sort | uniq -u | sed 's/^[^ ]*  \(\.\/\)\{0,1\}/#differs /' |
    sort -u | head -n 10 >&2
  return 1
}

# seal: leave our note and make the tree read-only, all but its top, which could not be moved then.
seal() {
  printf '%s\n%s\n' "$(count "$tree")" "$told" > "$tree/$note_name" && chmod -R a+rX,a-w "$tree" && chmod u+w "$tree"
}

# try TREE PROGRAM [ARGUMENT...]: run a program of a tree, with a home of its own and nothing that steers go.
try() (
  mkdir -p "$room/home/go/telemetry" && echo 'off 2026-01-01' > "$room/home/go/telemetry/mode" || exit 1
  neutral "$room/home"
  cd "$1" && shift && exec "./$@" </dev/null
)

# settle: give the tree its name. Another one that has it is damaged (anew), or the very same, and ours is not needed.
settle() {
  if [ "$anew" ] && [ -e "$path" ]; then mv -f -- "$path" "$room-old" || fail; fi
  if mv -f -- "$tree" "${path%/*}/" 2>"$room/said"; then
    chmod a-w "$path" || fail
  elif ! grep -qF "$sha256" "$path/$note_name" 2>/dev/null; then
    cat "$room/said" >&2; fail
  fi
  rm -f -- "${path%/*}/.damaged-${path##*/}"
  [ ! -e "$room-old" ] || discard "$room-old"
}
