# What a login and its machine are like, asked without changing anything.
# Set before, by remotego.host.condition: root (our directory there), servers (of editors, below home), limit_s.
# Prints KEY=VALUE lines, each value on its line; clock first and last, to be compared with ours.

printf 'clock=%s\n' "$(date +%s)"
PATH=$PATH:/usr/sbin:/sbin
export PATH

found() { command -v "$1" >/dev/null 2>&1; }
one_line() { tr '\n\r\000' '   ' | cut -c 1-400; }
bound=; ! found timeout || bound="timeout $limit_s"
apart=; ! found setsid || apart=setsid
row() { LC_ALL=C ls "${3:--ldn}" -- "$1" 2>/dev/null | sed "s/^/$2=/"; }
may() { if [ -w "$1" ]; then printf '%s=%s\n' "$2" "$1"; fi; }

printf 'system=%s\nmachine=%s\nkernel=%s\nuid=%s\nname=%s\n' "$(uname -s)" "$(uname -m)" "$(uname -r)" "$(id -u)" "$(id -un)"
printf 'home=%s\nshell=%s\nport=%s\n' "$HOME" "$SHELL" "${SSH_CONNECTION##* }"
printf 'root=%s\n' "$root"
for tool in sha256sum 'shasum -a 256' 'openssl dgst -sha256 -r'; do
  if found "${tool%% *}"; then echo "digest=$tool"; break; fi
done
for tool in gzip tar head od find timeout setsid curl wget; do ! found $tool || echo "tool=$tool"; done

# Our directory, and the nearest one above it that is there.
dir=$root
while [ -n "$dir" ] && ! [ -d "$dir" ]; do printf 'missing=%s\n' "$dir"; dir=${dir%/*}; done
place=${dir:-/}
printf 'place=%s\n' "$place"
may "$place" writable
for dir in store journal sessions; do
  if [ -d "$root/$dir" ]; then may "$root/$dir" writable; else printf 'missing=%s\n' "$root/$dir"; fi
done
for path in "$root" "$root/store" "$root/journal" "$root/sessions" "$root/sdk" "$root"/store/[!.]* "$root"/journal/[!.]*; do
  row "$path" row
done
df -Pk "$place" 2>/dev/null | sed -n '2,$p' | one_line | sed 's/^/df-k=/'
df -Pi "$place" 2>/dev/null | sed -n '2,$p' | one_line | sed 's/^/df-i=/'
sed 's/^/mount=/' /proc/self/mounts 2>/dev/null
for other in "${XDG_DATA_HOME:-$HOME/.local/share}/remotego" "/var/tmp/remotego-$(id -u)"; do
  if [ -d "$other/journal" ] && [ "$other" != "$root" ] && [ -O "$other" ]; then printf 'other=%s\n' "$other"; fi
done

# The account.
row "$HOME" home-row -ldnL
may "$HOME" home-writable
for path in "$HOME/.ssh" "$HOME/.ssh/authorized_keys" "$HOME/.ssh/config" "$HOME"/.ssh/id_*; do row "$path" ssh-row -ldnL; done
sed 's/^/limit=/' /proc/self/limits 2>/dev/null
for key in /etc/ssh/ssh_host_*_key.pub; do [ ! -r "$key" ] || { printf 'host-key='; head -c 2000 "$key" | one_line; }; done
case $SHELL in
  */bash|*/dash|*/ash|*/sh|*/ksh|*/zsh|*/fish|*/tcsh|*/csh)
    printf 'noise='; (unset SHLVL; $apart $bound "$SHELL" -c true </dev/null 2>/dev/null) | one_line; echo ;;
esac

# Processes: debuggers, whom they hold, and programs that a watchdog watches.
for dir in /proc/[0-9]*; do
  comm=
  IFS= read -r comm < "$dir/comm" || continue
  case $comm in dlv|dlv-*|dlv.*) ;; *) continue ;; esac
  ids=$(sed -n -e 's/^PPid:[[:blank:]]*\([0-9]*\).*/\1/p' -e 's/^Uid:[[:blank:]]*\([0-9]*\).*/\1/p' "$dir/status" | one_line)
  parent=${ids%% *}
  printf 'dlv=%s\t%s\t%s\t%s\n' "${dir#/proc/}" "$ids" "$(cat "/proc/$parent/comm")" "$(one_line < "$dir/cmdline")"
  ls "$dir/task" | sed "s,^,thread=${dir#/proc/} ,"
done 2>/dev/null
grep -H '^TracerPid:[[:blank:]]*[1-9]' /proc/[0-9]*/status 2>/dev/null | sed 's/^/tracee=/'
for file in $(grep -l 'WATCHDOG_USEC=' /proc/[0-9]*/environ 2>/dev/null | head -n 20); do
  dir=${file%/environ}
  if [ "$dir" = /proc/self ] || [ "$dir" = "/proc/$$" ]; then continue; fi
  printf 'watched=%s\t%s\t%s\n' "${dir#/proc/}" "$(cat "$dir/comm" 2>/dev/null)" \
    "$(tr '\000' '\n' < "$file" 2>/dev/null | sed -n 's/^WATCHDOG_USEC=//p')"
done

# Programs that machine settings of editors name.
for server in $servers; do
  file=$HOME/$server/data/Machine/settings.json
  [ ! -r "$file" ] || grep -o '"/[^"]*"' "$file"
done 2>/dev/null | tr -d '"' | sort -u | while IFS= read -r path; do
  if [ -f "$path" ] && [ -x "$path" ]; then printf 'program=%s\n' "$path"; fi
done

printf 'clock-end=%s\n' "$(date +%s)"
true
