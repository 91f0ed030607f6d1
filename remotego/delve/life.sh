# Who is alive, by pid and start time together (proc(5): a pid alone may have been taken over), and how a session ends.
# Set before: session (its directory), pid and start (of the debuggee), dlv and dlv_start.

# await TICKS COMMAND...: try the command every 50 ms until it is true; false after so many ticks.
await() {
  left=$1; shift
  until "$@"; do
    [ "$left" -gt 0 ] || return 1
    if sleep 0.05 2>/dev/null; then left=$((left - 1)); else sleep 1; left=$((left - 20)); fi
  done
}

# state_of PID sets state and began. The name of a process may have anything in it, newlines too.
state_of() {
  stat=
  { while read -r part; do stat="$stat $part"; done < "/proc/$1/stat"; } 2>/dev/null
  [ "$stat" ] || return 1
  set -- ${stat##*)}
  state=$1 began=${20}
}
lives() { state_of "$1" && [ "$began" = "$2" ] && case $state in Z|X) false ;; esac; }
is_gone() { ! lives "$1" "$2"; }

# tracer_of PID sets tracer: the thread that traces it, 0 for none.
tracer_of() {
  tracer=0
  while read -r key value _; do
    case $key in TracerPid:) tracer=$value; break ;; esac
  done 2>/dev/null < "/proc/$1/status"
}

# Whether a client is connected to dlv. Its ends of connections are streams (0001), connected (03), that bear the name
# of its socket. With a client at the other end each has three references; Delve keeps one open for ever, with two,
# where a client left without a word (net/unix/af_unix.c; rpccommon/server.go, serveConnectionDemux).
is_watched() { grep -F " $session/dlv.sock" /proc/net/unix 2>/dev/null | grep -q ': 0000000[3-9] .* 0001 03 '; }
is_unwatched() { ! is_watched; }

# The order that is safe: clients first, as Delve hangs on SIGTERM while one watches a running process; then SIGTERM,
# on which it detaches and restores the text. Never SIGKILL. Prints how it ended.
detach() {
  await 60 is_unwatched || { echo "ended watched"; return; }
  sleep 0.1 2>/dev/null # Delve takes a moment from a client's end to being free for the signal
  lives "$dlv" "$dlv_start" && kill -TERM "$dlv"
  await 400 is_gone "$dlv" "$dlv_start" || { echo "ended stuck $dlv"; return; }
  if lives "$pid" "$start"; then tracer_of "$pid"; else tracer=exited; fi
  case $tracer in
    0) outcome="clean" ;;
    exited) outcome="exited" ;;
    *) echo "ended traced $tracer"; return ;;
  esac
  [ -z "$crash" ] || outcome="crashed $crash: $(last_words)"
  rm -rf "$session"
  echo "ended $outcome"
}
last_words() { tail -c 2000 "$session/log" 2>/dev/null | tr '\n\t' '  '; }
crash=
