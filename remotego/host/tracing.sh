# What decides whether a process can be debugged, asked without changing anything.
# Set before, by remotego.host.tracing: pid (or empty), comm (the kernel's name of the process), thorough (empty: sudo
# is left alone where the kernel already lets us attach), candidates, parents.
# Prints KEY=VALUE lines, each value on its line.

PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export PATH

found() { command -v "$1" >/dev/null 2>&1; }
one_line() { tr '\n' ' ' | cut -c 1-500; echo; }
decides() { grep -E '^(Uid|Gid|CapPrm|CapBnd|TracerPid|NoNewPrivs|Seccomp):' "/proc/$1/status" 2>/dev/null; }
account() { { getent passwd "$1" || grep "^[^:]*:[^:]*:$1:" /etc/passwd; } 2>/dev/null | head -n 1; }

matches() {
  if [ "$pid" ]; then echo "$pid"; return; fi
  for dir in /proc/[0-9]*; do
    IFS= read -r called < "$dir/comm" && [ "$called" = "$comm" ] && echo "${dir#/proc/}"
  done 2>/dev/null
}

# look PID: the kernel's own answer is whether /proc/PID/mem can be opened (ptrace(2), PTRACE_MODE_ATTACH).
look() {
  decides "$1" | sed "s/^\([A-Za-z]*\):[[:blank:]]*/target.$1.\1=/"
  set -- "$1" $(ls -ldn "/proc/$1/mem" 2>/dev/null)
  echo "target.$1.owner=${4:-}"
  (: < "/proc/$1/mem") 2>/dev/null && echo "target.$1.opened=1"
  (: < "/proc/$1/exe") 2>/dev/null && echo "target.$1.program=1"
  printf 'target.%s.map=' "$1"; one_line 2>/dev/null < "/proc/$1/uid_map"
  printf 'target.%s.label=' "$1"; tr -d '\000' 2>/dev/null < "/proc/$1/attr/current" | one_line
}

# sudoing WORDS...: how sudo without a password answers to what we would start by it.
sudoing() {
  if ! found sudo; then echo absent; return; fi
  said=$(sudo -n "$@" -- /bin/sh -s </dev/null 2>&1 >/dev/null) && { echo works; return; }
  printf 'no %s' "$said" | one_line
}

# become UID PID: the same as that user, who answers for himself.
become() {
  printf 'sudo.user=%s' "$(sudoing -H -u "#$1")"; echo
  found sudo && sudo -n -H -u "#$1" -- /bin/sh -s 2>/dev/null <<END
echo "user.gid=\$(id -g)"
grep -E '^(CapPrm|CapBnd|NoNewPrivs):' /proc/self/status | sed 's/^\([A-Za-z]*\):[[:blank:]]*/user.\1=/'
[ -d "\$HOME" ] && [ -w "\$HOME" ] && echo user.home=1
(: < /proc/$2/mem) 2>/dev/null && echo user.opened=1
(: < /proc/$2/exe) 2>/dev/null && echo user.program=1
END
}

printf 'self.map='; one_line </proc/self/uid_map
decides self | sed 's/^\([A-Za-z]*\):[[:blank:]]*/self.\1=/'
printf 'yama='; cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo absent
[ "$(cat /sys/fs/selinux/enforce 2>/dev/null)" = 1 ] && printf 'selinux=%s\n' "$(cat /sys/fs/selinux/booleans/deny_ptrace 2>/dev/null)"
for tool in setcap getcap flock; do found "$tool" && echo "tool=$tool"; done
sed 's/^/mount=/' /proc/self/mounts
# shellcheck disable=SC2086
ls -ldn $parents $candidates 2>/dev/null | sed 's/^/row=/'

gid=$(id -g)
echo "name=$(id -un)"
printf 'group='; { getent group "$gid" || grep "^[^:]*:[^:]*:$gid:" /etc/group; } 2>/dev/null | one_line
{ getent passwd || cat /etc/passwd; } 2>/dev/null | cut -d: -f 1,4 | grep ":$gid\$" | sed 's/:.*//; s/^/mate=/'

easy=1
for one in $(matches | head -n 8); do
  look "$one"
  uid=$(decides "$one" | sed -n 's/^Uid:[[:blank:]]*[0-9]*[[:blank:]]*\([0-9]*\).*/\1/p')
  [ "$uid" ] && printf 'target.%s.account=%s\n' "$one" "$(account "$uid")"
  (: < "/proc/$one/mem") 2>/dev/null && (: < "/proc/$one/exe") 2>/dev/null || easy=
  if [ "$uid" ] && [ "$uid" != "$(id -u)" ] && [ "$uid" != "${asked:-}" ]; then asked=$uid; become "$uid" "$one"; fi
done
if [ "$thorough" ] || [ -z "$easy" ]; then printf 'sudo.root=%s' "$(sudoing)"; echo; fi
true
