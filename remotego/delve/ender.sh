# Ends one session from elsewhere. Set before: session, dlv, dlv_start, keeper, keeper_start, pid, start.
# Its keeper is asked first, because only it can make its controller close the tunnel.

trap '' HUP PIPE
if lives "$keeper" "$keeper_start" && (true > "$session/stop"); then
  await 600 is_gone "$keeper" "$keeper_start"
  if ! [ -d "$session" ]; then
    if lives "$pid" "$start"; then echo "ended clean"; else echo "ended exited"; fi
    exit 0
  fi
fi
detach
