# Who is alive, by pid and start time together (proc(5): a pid alone may have been taken over).

fine() { sleep 0.05 2>/dev/null || sleep 1; }
state_of() {
  { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${stat##*)}
  state=$1 began=${20}
}
lives() { state_of "$1" && [ "$began" = "$2" ] && [ "$state" != Z ]; }
tracer_of() {
  tracer=0
  while read -r key value _; do
    case $key in TracerPid:) tracer=$value; break ;; esac
  done 2>/dev/null < "/proc/$1/status"
}
# Connected (03) streams (0001) that bear the socket's name: its listener is not one of them.
clients_on() { grep -F " $1" /proc/net/unix 2>/dev/null | grep -q ' 0001 03 '; }

# The order that is safe: clients first (Delve hangs on SIGTERM while one watches a running process),
# then SIGTERM, on which it detaches and restores the text. Never SIGKILL.
# detach DLV DLV_START PID START SESSION, prints how it ended.
detach() {
  tries=0
  while [ $tries -lt 60 ] && clients_on "$5/dlv.sock"; do tries=$((tries + 1)); fine; done
  if clients_on "$5/dlv.sock"; then echo "ended watched"; return; fi
  fine; fine
  lives "$1" "$2" && kill -TERM "$1"
  tries=0
  while [ $tries -lt 400 ] && lives "$1" "$2"; do tries=$((tries + 1)); fine; done
  if lives "$1" "$2"; then echo "ended stuck $1"; return; fi
  if ! lives "$3" "$4"; then rm -rf "$5"; echo "ended exited"; return; fi
  tracer_of "$3"
  if [ "$tracer" != 0 ]; then echo "ended traced $tracer"; return; fi
  rm -rf "$5"; echo "ended clean"
}
