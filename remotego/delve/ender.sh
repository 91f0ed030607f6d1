# Ends one session from elsewhere. Set before: session, dlv, dlv_start, keeper, keeper_start, pid, start.
# Its keeper is asked first, because only it can make its controller close the tunnel.

trap '' HUP PIPE
if lives "$keeper" "$keeper_start"; then
  : > "$session/stop"
  tries=0
  while [ $tries -lt 600 ] && lives "$keeper" "$keeper_start"; do tries=$((tries + 1)); fine; done
  if ! [ -d "$session" ]; then echo "ended clean"; exit 0; fi
fi
detach "$dlv" "$dlv_start" "$pid" "$start" "$session"
