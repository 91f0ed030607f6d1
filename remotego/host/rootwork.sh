# What root does for a session, and what takes it back. Run by root's own sh, by way of sudo.
# Set before, by remotego.host.rootwork: state (the directory of root's records), persistent (the file for sysctl), id
# (this session's name), digest (what prints a SHA-256).
# Lines on standard error that begin with #root are read there, too.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
scope=/proc/sys/kernel/yama/ptrace_scope
trap '' HUP INT TERM PIPE

why() { printf '#root %s\n' "$*" >&2; }
# event STATE WORDS: for the controller, which may have gone.
event() { printf '{"event":"root","state":"%s","text":"%s"}\n' "$1" "$2" 2>/dev/null || true; }
tell() { event did "$*"; }
inode() { ls -Ldi "$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/'; }

# lock: one at a time, and nobody but root can be in the way: the lock is a directory of root's.
lock() {
  tries=0
  while [ $((tries += 1)) -le 50 ]; do
    mkdir -m 700 "$state" 2>/dev/null
    [ -d "$state" ] && ! [ -h "$state" ] && [ -O "$state" ] || { why "$state is not a directory of root's"; return 1; }
    command exec 9<"$state" || continue
    flock -w 30 9 || { why "another session's work is not ending ($state is locked)"; return 1; }
    [ "$(inode /proc/self/fd/9)" = "$(inode "$state")" ] && return 0
  done
  return 1
}
unlock() { rmdir "$state" 2>/dev/null; exec 9<&-; }

# born PID: its start time, which together with the pid never recurs (proc(5)).
born() { stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; set -- ${stat##*)}; echo "${20}"; }
# users: the sessions that need the lowered level and whose custodian lives; records of dead ones go.
users() {
  count=0
  for file in "$state"/session-*; do
    [ -f "$file" ] || continue
    read -r pid start < "$file"
    if [ "$(born "$pid")" = "$start" ]; then count=$((count + 1)); else rm -f "$file"; fi
  done
  echo "$count"
}

# lower_scope BEFORE: the level is what the plan saw, or another session of ours has lowered it already.
lower_scope() {
  lock || return 1
  now=$(cat "$scope")
  if [ "$(users)" = 0 ]; then
    [ "$now" = "$1" ] || { why "kernel.yama.ptrace_scope is $now and was $1 when this was planned"; unlock; return 1; }
    echo "$now" > "$state/before"
  fi
  echo "$$ $(born $$)" > "$state/session-$id"
  if ! echo 0 > "$scope"; then why "kernel.yama.ptrace_scope cannot be written"; forget_session; return 1; fi
  unlock
  tell "kernel.yama.ptrace_scope is 0"
}
forget_session() { rm -f "$state/session-$id"; [ "$(users)" != 0 ] || rm -f "$state/before"; unlock; }

# restore_scope: the last session writes the recorded level back, if it still is what we wrote.
restore_scope() {
  [ -d "$state" ] || return 0
  lock || return 1
  rm -f "$state/session-$id"
  left=$(users) before=$(cat "$state/before" 2>/dev/null)
  if [ "$left" != 0 ]; then
    tell "kernel.yama.ptrace_scope stays 0 for $left other sessions"
  elif [ "$before" ]; then
    put_back "$before" || { unlock; return 1; }
    rm -f "$state/before"
  fi
  unlock
}
# put_back LEVEL: only one that can be, and only over our own.
put_back() {
  case $1 in [0-2]) ;; *) why "$1 is no level to put back"; return 1 ;; esac
  now=$(cat "$scope")
  [ "$now" = 0 ] || { tell "kernel.yama.ptrace_scope is $now by somebody else and is left so"; return 0; }
  echo "$1" > "$scope" && [ "$(cat "$scope")" = "$1" ] || { why "kernel.yama.ptrace_scope cannot be put back to $1"; return 1; }
  tell "kernel.yama.ptrace_scope is $1 again"
}

# persist_scope BEFORE: the file says what to put back, so that undo works after a reboot, too.
persist_scope() {
  lock || return 1
  now=$(cat "$scope")
  [ "$(users)" = 0 ] || now=$(cat "$state/before")
  if [ "$now" != "$1" ]; then why "kernel.yama.ptrace_scope is $now and was $1 when this was planned"; unlock; return 1; fi
  if [ -e "$persistent" ] || [ -h "$persistent" ]; then why "$persistent is there already"; unlock; return 1; fi
  printf '# remotego: before %s\nkernel.yama.ptrace_scope = 0\n' "$now" > "$persistent.new" &&
    chmod 644 "$persistent.new" && mv "$persistent.new" "$persistent" && echo 0 > "$scope"
  code=$?
  # Sessions under way put nothing back any more.
  [ $code = 0 ] && rm -f "$state/before"
  [ $code = 0 ] || { why "$persistent or kernel.yama.ptrace_scope cannot be written"; rm -f "$persistent" "$persistent.new"; }
  unlock
  return $code
}
forget_persistent() {
  [ -f "$persistent" ] && ! [ -h "$persistent" ] || return 0
  before=$(sed -n 's/^# remotego: before \([0-2]\)$/\1/p' "$persistent")
  [ "$before" ] || { why "$persistent is not as remotego wrote it; it was left"; return 1; }
  lock || return 1
  rm -f "$persistent"
  # Sessions that need the level will put it back when they end.
  if [ "$(users)" = 0 ]; then put_back "$before"; else echo "$before" > "$state/before"; fi
  code=$?
  unlock
  return $code
}

# make_room PLACE GID: a directory for this session's copies, for one group alone.
make_room() {
  room=$1/$id
  lock || return 1
  mkdir -m 755 "$1" 2>/dev/null && : > "$1/.made-by-remotego"
  if ! [ -d "$1" ] || [ -h "$1" ] || ! [ -O "$1" ]; then why "$1 is not a directory of root's"; unlock; return 1; fi
  case $(ls -ld "$1") in ?????w*|????????w*) why "others than root may write $1"; unlock; return 1 ;; esac
  mkdir -m 700 "$room" || { why "$room cannot be made"; unlock; return 1; }
  unlock
  chgrp "$2" "$room" && chmod 750 "$room"
}
# add_copy PLACE GID NAME SOURCE SHA256 CAPABILITIES: the bytes are checked after copying; capabilities come last, since
# a change of owner takes them away (capabilities(7)), and are read back.
add_copy() {
  copy=$1/$id/$3
  cat < "$4" > "$copy" || { why "root cannot copy $4 to $copy"; return 1; }
  sum=$($digest < "$copy")
  [ "${sum%% *}" = "$5" ] || { why "the copy of $4 has another SHA-256 than it should"; return 1; }
  chown "0:$2" "$copy" && chmod 750 "$copy" || { why "$copy cannot be given to the group"; return 1; }
  setcap "$6" "$copy" || { why "$copy cannot have capabilities"; return 1; }
  setcap -q -v "$6" "$copy" >/dev/null || { why "$copy did not keep its capabilities: $(getcap "$copy")"; return 1; }
}
# remove_room PLACE: this session's copies, and the place when we made it and nobody else needs it.
remove_room() {
  [ -d "$1" ] || return 0
  lock || return 1
  if [ -d "$1/$id" ] && ! [ -h "$1/$id" ]; then
    rm -f "$1/$id/dlv" "$1/$id/agent" && rmdir "$1/$id" || { why "$1/$id cannot be removed"; unlock; return 1; }
    tell "$1/$id is removed"
  fi
  if [ -e "$1/.made-by-remotego" ] && [ "$(ls -A "$1")" = .made-by-remotego ]; then rm -f "$1/.made-by-remotego" && rmdir "$1"; fi
  unlock
}
