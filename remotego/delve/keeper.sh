# Keeps one dlv on the target for as long as somebody holds our standard input.
# Set before, by remotego.delve.session: session (its directory), pid and start (of the debuggee),
# record (the opening of its JSON record), and the function dlv_command.
# One event a line on standard output: up, gone, asked, ended. Input: the line "end", or its end.

trap '' HUP PIPE
socket=$session/dlv.sock

lives "$pid" "$start" || { echo "ended missing"; exit 0; }
mkdir -m 700 "$session" && mkdir -p "$session/config/go/telemetry" || exit 1
echo 'off 2026-01-01' > "$session/config/go/telemetry/mode"
(
  HOME=$session XDG_CONFIG_HOME=$session/config XDG_CACHE_HOME=$session/config TMPDIR=$session
  export HOME XDG_CONFIG_HOME XDG_CACHE_HOME TMPDIR
  cd "$session" && dlv_command
) </dev/null >"$session/log" 2>&1 3>&- &
dlv=$!
state_of "$dlv"; dlv_start=$began
state_of "$$"; keeper_start=$began
printf '%s,"dlv":[%s,%s],"keeper":[%s,%s],"since":%s}\n' \
  "$record" "$dlv" "$dlv_start" "$$" "$keeper_start" "$(date +%s)" > "$session/.record" &&
  mv -f "$session/.record" "$session/session.json"

# Attached: the kernel names one of dlv's threads as tracer. Serving: the process, stopped meanwhile, runs on.
tries=0 calm=0
while [ $tries -lt 2400 ] && [ $calm -lt 6 ]; do
  tries=$((tries + 1))
  lives "$dlv" "$dlv_start" ||
    { echo "ended failed $(tail -c 2000 "$session/log" | tr '\n\t' '  ')"; rm -rf "$session"; exit 0; }
  tracer_of "$pid"
  if [ -d "/proc/$dlv/task/$tracer" ] && [ -S "$socket" ] && state_of "$pid"; then
    case $state in t) calm=5 ;; *) calm=$((calm + 1)) ;; esac
  fi
  fine
done
echo "up $dlv $socket"

# A second pair of eyes: tells when the process or dlv has gone, or somebody asks for the end.
(
  asked=0
  while lives "$dlv" "$dlv_start" && lives "$pid" "$start"; do
    if [ -e "$session/stop" ]; then
      [ $asked -gt 0 ] || echo asked
      asked=$((asked + 1))
      # Whoever holds the session does not let go: end the connection it came by.
      [ $asked -ne 12 ] || case $(cat "/proc/$PPID/comm") in sshd*|dropbear) kill "$PPID" ;; esac
    fi
    sleep 0.25 2>/dev/null || sleep 1
  done
  echo gone
) </dev/null 2>/dev/null &
watch=$!

while read -r line; do [ "$line" = end ] && break; done
kill "$watch" 2>/dev/null
detach "$dlv" "$dlv_start" "$pid" "$start" "$session"
