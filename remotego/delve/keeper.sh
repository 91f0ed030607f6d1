# Keeps one dlv on the target for as long as somebody holds our standard input.
# Set before, by remotego.delve.keeper: session (its directory), pid and start (of the debuggee),
# record (the opening of its JSON record), and the function dlv_command.
# One event a line on standard output: up, gone, asked, ended. Input: the line "end", or its end.

trap '' HUP PIPE
trap 'interrupted=1' INT TERM
read -r keeper _ < /proc/self/stat
state_of "$keeper"; keeper_start=$began
dlv=0 dlv_start=0 interrupted=

note() {
  printf '%s,"dlv":[%s,%s],"keeper":[%s,%s],"since":%s}\n' \
    "$record" "$dlv" "$dlv_start" "$keeper" "$keeper_start" "$since" > "$session/.record" &&
    mv -f "$session/.record" "$session/session.json"
}

# Everything dlv may want to leave behind is led into the session's directory, and goes with it.
make_room() {
  since=$(date +%s)
  mkdir -m 700 "$session" || return 1
  mkdir -p "$session/config/go/telemetry" && echo 'off 2026-01-01' > "$session/config/go/telemetry/mode" && note ||
    { rm -rf "$session"; return 1; }
}

# In a session of its own where that can be had: what ends our process group must not kill dlv.
start_dlv() {
  (
    HOME=$session XDG_CONFIG_HOME=$session/config XDG_CACHE_HOME=$session/config TMPDIR=$session
    export HOME XDG_CONFIG_HOME XDG_CACHE_HOME TMPDIR
    cd "$session" && dlv_command
  ) </dev/null >"$session/log" 2>&1 3>&- &
  dlv=$!
  state_of "$dlv" && dlv_start=$began
}

# Attached: the kernel names one of dlv's threads as tracer. Serving: its socket is there. Running: the process, which
# stands still while dlv reads its symbols, does not any more; where it was never seen to stand, several looks count.
is_settled() {
  lives "$dlv" "$dlv_start" || return 0
  tracer_of "$pid"
  [ -d "/proc/$dlv/task/$tracer" ] && [ -S "$session/dlv.sock" ] && state_of "$pid" || return 1
  case $state in [tTD]) looks=1; return 1 ;; esac
  looks=$((looks - 1))
  [ $looks -le 0 ]
}

# A second pair of eyes: tells when the process or dlv has gone or somebody asks for the end, and takes over when the
# keeper itself is killed.
watch() {
  asked=0
  while lives "$keeper" "$keeper_start"; do
    lives "$pid" "$start" || { echo "gone process"; return; }
    lives "$dlv" "$dlv_start" || { echo "gone dlv"; return; }
    if [ -e "$session/stop" ]; then
      [ $asked -gt 0 ] || echo asked
      asked=$((asked + 1))
      # Whoever holds the session does not let go: end the connection it came by.
      [ $asked -ne 12 ] || case $(cat "/proc/$PPID/comm") in sshd*|dropbear) kill "$PPID" ;; esac
    fi
    sleep 0.25 2>/dev/null || sleep 1
  done
  echo asked
  detach
}

# Let go. A dlv that has ended before it was asked to has a code worth telling.
take_leave() {
  kill "$watcher" 2>/dev/null
  if is_gone "$dlv" "$dlv_start"; then
    wait "$dlv" || crash=$?
  fi
  echo asked
  detach
}

lives "$pid" "$start" || { echo "ended missing"; exit 0; }
make_room || exit 1
start_dlv
note
looks=3
if ! await 2400 is_settled; then
  detach >/dev/null
  echo "ended failed dlv was not ready within two minutes"
  exit 0
fi
if is_gone "$dlv" "$dlv_start"; then
  echo "ended failed $(last_words)"
  rm -rf "$session"
  exit 0
fi
echo "up $dlv $session/dlv.sock"
watch </dev/null 2>/dev/null &
watcher=$!
while [ -z "$interrupted" ] && read -r line; do [ "$line" != end ] || break; done
take_leave
