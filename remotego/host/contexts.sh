# What a login's variables are in each way of starting programs, and what has set them. Nothing is written.
# Set before, by remotego.host.contexts: names (the variables that count), limit_s, unit_limit_s, other (1: this runs
# by sudo as somebody who has not logged in), servers (editors' directories, as grep wants them).
# Prints blocks: a line "= NAME", then rows, their first column a letter, tab between columns:
#   v NAME=VALUE   t FILE LINE NAME VALUE (trace)   s FILE LINE NAME VALUE (read)   i FILE LINE TARGET (a file reads
#   TARGET)   g TARGET FILE (what a target stands for)   x CODE (how a shell ended)   n TEXT (what it said instead)
#   go PATH   c CODE, j "NAME": "VALUE", y TEXT (what go env said)   e PATH, f LINE NAME=VALUE (go env file)
#   r LINE NAME=VALUE (GOROOT/go.env)   k KEY VALUE
# A newline in a value is \037. Only rows about `names` are printed, and passwords in them are blotted out here.

theirs=$(tr '\n\000' '\037\n' < "/proc/$$/environ") 2>/dev/null
[ "$theirs" ] || theirs=$(env)
PATH=${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export PATH
tab='	'
nl='
'
mark='@remotego:'
at() { command -v "$1" 2>/dev/null; }
setsid=$(at setsid) sleep=$(at sleep) env=$(at env) cat=$(at cat) tr=$(at tr) awk=$(at awk) sed=$(at sed)

dot=$(printf '\001') bond=$(printf '\002')
# blot: users and passwords in URLs, also odd ones, then those of a proxy without a scheme; queries; arguments of what
# GOAUTH runs, and what is behind them. `git /DIRECTORY` and our own command have no secret in theirs, so blanks in them
# are bonds until the rest is cut off (remotego.golang.goauth.told cuts alike).
blot() {
  $sed -e "s#://[^,|/@[:space:]]*@#://$dot@#g" -e "s#://[^,|[:space:]$dot]*@#://$dot@#g" \
    -e "s#\(GOPROXY[^[:alnum:]]\{1,5\}\)[^,|[:space:]$dot]*@#\1$dot@#g" \
    -e "/GOPROXY/s#\([,|]\)[^,|[:space:]$dot]*@#\1$dot@#g" \
    -e "s#\(GOSUMDB[^[:alnum:]]\{1,5\}[^[:space:]]*[[:space:]]\{1,\}\)[^[:space:]$dot]*@#\1$dot@#g" \
    -e "s#://[^$tab$dot]*@#://$dot@#g" \
    -e "s#\(_[Pp][Rr][Oo][Xx][Yy]$tab\{0,1\}[\"']\{0,1\}=[\"']\{0,1\}\)[^/:[:space:]]*:[^$tab$dot]*@#\1$dot@#g" \
    -e "s#\(://[^,|?[:space:]]*\)?[^,|[:space:]]*#\1?$dot#g" \
    -e "s#\"GOAUTH\": \"#\"GOAUTH\":$bond\"#" \
    -e "/GOAUTH/s#\([^[:alnum:]_./-]\)git /#\1git$bond/#g" -e "/GOAUTH/s#;[[:space:]]\{1,\}#;$bond#g" \
    -e "/GOAUTH/s#\([^[:space:];]\) credential goauth\([;\",]\)#\1${bond}credential${bond}goauth\2#g" \
    -e "/GOAUTH/s#\([^[:space:];]\) credential goauth\$#\1${bond}credential${bond}goauth#" \
    -e "s#\(GOAUTH[^[:alnum:]]\{1,5\}[^[:space:]]*\)[[:space:]].*#\1 $dot#" \
    -e "s#$bond# #g" -e "s#$dot#***#g"
}

# enter LINES: have these variables instead of the watched ones, and else what the login has.
enter() {
  unset LC_ALL SHLVL XDG_CONFIG_HOME OLDPWD $names
  [ "$keep_zdotdir" ] || unset ZDOTDIR
  all= IFS=$nl; set -f
  for line in $theirs; do case $line in LC_ALL=*) all=$line ;; esac; done
  [ -z "$all" ] || export "$all"
  for line in $1; do case $line in [A-Za-z_]*=*) export "$line" ;; esac; done
  set +f; IFS=" $tab$nl"
}

# bounded SECONDS COMMAND...: run it in a session of its own without input; nothing of it is left after that time.
bounded() {
  bound_s=$1 begun=$(date +%s); shift
  $setsid "$@" </dev/null 3>&- & pid=$!
  (
    $sleep "$bound_s" & nap=$!
    trap 'kill $nap; exit' TERM
    wait $nap; kill -9 "-$pid" || kill -9 $pid
  ) >/dev/null 2>&1 3>&- 9>&- & dog=$!
  wait $pid; code=$?
  { kill $dog; kill -9 "-$pid"; } >/dev/null 2>&1
  printf '\n%sended %s %s\n' "$mark" "$code" $(($(date +%s) - begun))
}

# Pick the rows out of what a traced shell, its files and our command have printed; what comes after the end is
# not waited for: something that a start-up file has left running may keep the pipe open.
PICK='
BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) { watched[list[i]]; any = any (i > 1 ? "|" : "") list[i] }
  sets = "^(export|declare|typeset|readonly|builtin|command|local|[A-Za-z_][A-Za-z0-9_]*[+]?=|path[+]?=)" }
function row(name, value) { print "t\t" file "\t" number "\t" name "\t" substr(value, 1, 16000) }
$0 == mark "begin" { inside = 1; next }
$0 == mark "end" { inside = 0; whole = 1; next }
index($0, mark "ended ") == 1 { if (!whole && said != "") print "n\t" substr(said, 1, 300); print "x\t" $2 "\t" $3; exit }
inside { eq = index($0, "="); if (substr($0, 1, eq - 1) in watched) print "v\t" $0; next }
(start = index($0, mark "@")) {
  rest = substr($0, start + length(mark) + 1); cut = index(rest, "\t"); file = substr(rest, 1, cut - 1)
  rest = substr(rest, cut + 1); cut = index(rest, "\t"); number = substr(rest, 1, cut - 1); does = substr(rest, cut + 1)
  if (does ~ /^path[+]?=\(/) { row("PATH", substr(does, index(does, "="))); next }
  if (does !~ any) next
  if (does ~ /^unset /) { for (i = 1; i <= n; i++) if (does " " ~ "[ ]" list[i] " ") row(list[i], "unset"); next }
  if (does !~ sets) next
  for (i = 1; i <= n; i++) if (match(" " does, "[ \047\"]" list[i] "[+]?=")) {
    value = substr(" " does, RSTART + 1 + length(list[i])); quote = substr(" " does, RSTART, 1)
    row(list[i], (quote == " " ? "" : quote) value)
  }
  next
}
/[^ \t\r]/ && !/terminal process group|no job control/ && !/^warning: .*([Tt]erminal|TERM)/ { said = $0 }'

# shell_run FLAGS LINES: what the login shell has for variables when it is started so. bash traces into a descriptor
# of its own, which no start-up file uses and dash cannot name, so that its trace gets into no file of anybody's.
ON_87='exec 87>&9 9>&-; exec "$@"'
shell_run() {
  (
    enter "$2"; cd "$HOME" 2>/dev/null || cd /
    case $kind-$uid$untraced in
      bash-0) set -- "$shell" $1 ;;
      bash-*) set -- "$shell" --norc --noprofile -c "$ON_87" bash "$env" BASH_XTRACEFD=87 \
        "PS4=+$mark@\${BASH_SOURCE[0]-}$tab\${LINENO-}$tab" "$shell" -x $1 ;;
      zsh-*-untraced) set -- "$shell" $1 ;;
      zsh-*) set -- "$env" "PS4=+$mark@%x$tab%I$tab" "$shell" -x $1 ;;
      *) set -- "$shell" $1 ;;
    esac
    bounded "$limit_s" "$@" "$tell"
  ) 9>&1 2>&1 | $awk -v names="$names XDG_CONFIG_HOME" -v mark="$mark" "$PICK" 2>/dev/null
}

# tell_go ROWS: which go they lead to, and what it says of its settings, off the network and away from any module.
tell_go() {
  vars=$(printf '%s\n' "$1" | $sed -n "s/^v$tab//p")
  path=$(printf '%s\n' "$vars" | $sed -n 's/^PATH=//p')
  go=; IFS=:; set -f
  for dir in $path; do
    case $dir in /*) [ ! -f "$dir/go" ] || [ ! -x "$dir/go" ] || { go=$dir/go; break; } ;; esac
  done
  IFS=" $tab$nl"; set +f
  [ "$go" ] || return 0
  printf 'go\t%s\n' "$go"
  config=$(printf '%s\n' "$vars" | $sed -n 's/^XDG_CONFIG_HOME=//p')
  file=$(printf '%s\n' "$vars" | $sed -n 's/^GOENV=//p')
  [ "$file" ] || file=${config:-$HOME/.config}/go/env
  said=$(
    enter "$vars"; cd / || exit
    PATH=${PATH:+$PATH:}/usr/bin:/bin GOTOOLCHAIN=local GOWORK=off GOENV=$file XDG_CONFIG_HOME=/dev/null
    export PATH GOTOOLCHAIN GOWORK GOENV XDG_CONFIG_HOME
    bounded "$limit_s" "$go" env -json 2>&1 9>&-
  )
  printf '%s\n' "$said" | $awk -v names="$names GOVERSION" -v mark="$mark" '
    BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) watched["\"" list[i] "\":"] }
    index($0, mark "ended ") == 1 { print "c\t" $2; exit }
    $1 in watched { sub(/^[ \t]+/, ""); print "j\t" $0; next }
    !/^[ \t]*"|^[{}]/ && NF && shown++ < 3 { print "y\t" substr($0, 1, 300) }'
  root=$(printf '%s\n' "$said" | $sed -n 's/^[[:space:]]*"GOROOT": "\(.*\)",\{0,1\}$/\1/p')
  printf 'e\t%s\n' "$file"
  [ "$file" = off ] || assigned f "$file"
  [ -z "$root" ] || assigned r "$root/go.env"
}
assigned() {
  [ ! -f "$2" ] || [ ! -r "$2" ] || $awk -v names="$names" -v tag="$1" '
    BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) watched[list[i]] }
    { eq = index($0, "=") } substr($0, 1, eq - 1) in watched { print tag "\t" FNR "\t" $0 }' "$2"
}

# context NAME FLAGS LINES
context() {
  rows=$(shell_run "$2" "$3")
  { printf '= %s\n%s\n' "$1" "$rows"; tell_go "$rows"; } | blot
}

units() {
  echo '= systemd user'
  systemctl=$(at systemctl)
  [ "$systemctl" ] || { printf 'n\tthere is no systemd on this host\n'; return; }
  rows=$(
    [ "$XDG_RUNTIME_DIR" ] || XDG_RUNTIME_DIR=/run/user/$uid; export XDG_RUNTIME_DIR
    bounded "$unit_limit_s" "$systemctl" --user show-environment 2>&1 9>&- | $awk -v names="$names XDG_CONFIG_HOME" \
      -v mark="$mark" '
      BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) watched[list[i]] }
      index($0, mark "ended ") == 1 {
        if ($2) print "n\tno user manager of systemd answers: " substr(said, 1, 300)
        print "x\t" $2 "\t" $3; exit
      }
      { eq = index($0, "="); if (substr($0, 1, eq - 1) in watched) print "v\t" $0; else if (NF && said == "") said = $0 }'
  )
  { printf '%s\n' "$rows"; tell_go "$rows"; } | blot
}

# What keeps the environment it was started with: servers of editors, their extension hosts, gopls.
holders() {
  for file in $(grep -lE "$servers|gopls" /proc/[0-9]*/cmdline 2>/dev/null); do
    dir=${file%/cmdline}
    [ -O "$dir" ] || continue
    words=$($tr '\n\000' ' \n' < "$file" 2>/dev/null)
    first=${words%%"$nl"*} what=
    case ${first##*/} in gopls) what=gopls ;; esac
    case $words in
      *--type=extensionHost*) what='extension host' ;;
      *server-main.js*|*/code-server*/entry*) what=server ;;
    esac
    [ "$what" ] || continue
    place=$(printf '%s\n' "$words" | grep -oE "$servers" | head -n 1)
    printf '= holder\nk\tpid\t%s\nk\twhat\t%s\nk\tplace\t%s\n' "${dir#/proc/}" "$what" "$place"
    rows=$($tr '\n\000' '\037\n' 2>/dev/null < "$dir/environ" | picked)
    { printf '%s\n' "$rows"; tell_go "$rows" | grep "^go$tab"; } | blot
  done
}
picked() { $awk -v names="$names XDG_CONFIG_HOME" '
  BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) watched[list[i]] }
  { eq = index($0, "=") } substr($0, 1, eq - 1) in watched { print "v\t" $0 }'; }

# sshd_gives: what its own start of a shell has for variables, as far as files that we may read tell.
sshd_gives() {
  if [ "$uid" = 0 ]; then echo PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  elif [ -d /usr/games ]; then echo PATH=/usr/local/bin:/usr/bin:/bin:/usr/games
  else echo PATH=/usr/local/bin:/usr/bin:/bin
  fi
  [ ! -r /etc/environment ] || $sed -n -e 's/^[[:space:]]*export[[:space:]]*//' \
    -e "s/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*=\)[\"']\{0,1\}\([^\"'#]*\).*/\1\2/p" /etc/environment | picked | cut -f 2-
  printf '%s\n' "$theirs" | grep '^XDG_CONFIG_HOME=' || true
}

uid=$(id -u) user=$(id -un 2>/dev/null)
account=$({ getent passwd "$uid" || grep "^[^:]*:[^:]*:$uid:" /etc/passwd; } 2>/dev/null | head -n 1)
shell=${account##*:}; [ "$account" ] && [ "$shell" ] || shell=${SHELL:-/bin/sh}
kind=${shell##*/}
printf '= account\nk\tuser\t%s\nk\thome\t%s\nk\tshell\t%s\nk\tuid\t%s\n' "$user" "$HOME" "$shell" "$uid"

sh=/bin/sh; [ "$kind" != rbash ] || sh=sh
tell="$sh -c 'echo; echo ${mark}begin; $cat /proc/self/environ | $tr \"\\n\\000\" \"\\037\\n\"; echo ${mark}end'"
case $kind in
  bash|rbash|zsh|fish|dash|ash|sh|ksh|mksh|ksh93|busybox) login=-lc interactive=-ic both=-ilc ;;
  csh|tcsh) login= interactive=-ic both=-ic ;;
  *) login= interactive= both= ;;
esac

base=$(sshd_gives)
# zsh says itself where it looks for .zshenv, and then for the rest; what sshd gave it is what none of its files says.
asked() {
  ( enter "$base"; cd "$HOME" 2>/dev/null || cd /
    bounded "$limit_s" "$shell" "$@" -c "printf '\\n${mark}zdotdir %s\\n' \"\$ZDOTDIR\"" ) 2>/dev/null |
    $sed -n "s/^${mark}zdotdir //p" | tail -n 1
}
keep_zdotdir= untraced= listed= early=$HOME late=$HOME
if [ "$kind" = zsh ]; then
  early=$(asked -f) late=$(asked)
  [ "$early$late" ] || { early=$ZDOTDIR late=$ZDOTDIR keep_zdotdir=1; }
  early=${early:-$HOME} late=${late:-$HOME} early=${early%/} late=${late%/}
  printf 'k\tearly\t%s\nk\tlate\t%s\n' "$early" "$late"
  # Its trace goes where its errors go, which may be a file of the user's.
  listed=$(files)
  IFS=$nl
  ! grep -qE '^[^#]*exec[[:space:]][^#]*>' $(printf '%s\n' "$listed" | $sed -n "s/^k${tab}file$tab//p") /dev/null ||
    untraced=-untraced
  IFS=" $tab$nl"
fi
if [ "$other" ]; then
  # Who has come by sudo has not logged in: sshd's start of a shell is done by ourselves.
  unset SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID SUDO_HOME
  SSH_CLIENT='127.0.0.1 0 22' SSH_CONNECTION='127.0.0.1 0 127.0.0.1 22'; export SSH_CLIENT SSH_CONNECTION
  [ "$XDG_RUNTIME_DIR" ] || [ ! -d "/run/user/$uid" ] || { XDG_RUNTIME_DIR=/run/user/$uid; export XDG_RUNTIME_DIR; }
fi
tried=$(shell_run -c "$base")
values() { printf '%s\n' "$1" | $sed -n "s/^v$tab//p"; }
if [ "$other" ]; then
  truth=$(values "$tried")
else
  # What sshd gives beyond those files is what its shell has not changed on the way to us.
  truth=$(printf '%s\n' "$theirs" | picked | cut -f 2-)
  base=$(printf '%s\n' "$base" '=' "$(values "$tried")" '=' "$truth" | $awk '
    $0 == "=" { part++; next }
    { eq = index($0, "="); if (!eq) next; name = substr($0, 1, eq - 1); names[name]; has[part + 0, name] = $0 }
    # What stands before and behind our guess at PATH there stands before and behind the true one here.
    function path(guess, tried, true_one,  at, before, behind) {
      at = index(tried, guess); if (guess == "" || !at) return guess
      before = substr(tried, 1, at - 1); behind = substr(tried, at + length(guess))
      if (index(true_one, before) != 1 || length(true_one) < length(before) + length(behind)) return guess
      if (substr(true_one, length(true_one) - length(behind) + 1) != behind) return guess
      return substr(true_one, length(before) + 1, length(true_one) - length(before) - length(behind))
    }
    END {
      for (name in names) {
        guess = has[0, name]; here = has[2, name]
        line = guess == has[1, name] ? here : guess
        if (name == "PATH") line = "PATH=" path(substr(guess, 6), substr(has[1, name], 6), substr(here, 6))
        if (line != "" && line != "PATH=") print line
      }
    }')
fi
rows=$(printf '%s\n' "$tried" | grep -v "^v$tab"; printf '%s\n' "$truth" | $sed "s/^/v$tab/")
{ printf '= ssh command\n%s\n' "$rows"; tell_go "$rows"; } | blot

# A server of VS Code asks the shell for its environment so, from what an ssh command has.
resolved() {
  keep_zdotdir=1 VSCODE_RESOLVING_ENVIRONMENT=1; export VSCODE_RESOLVING_ENVIRONMENT
  context login-interactive "$both" "$truth"
}
unknown() { printf '= %s\nn\tit is not known how to start %s so\n' "$1" "$shell"; }
apart() { if [ "$2" ]; then context "$1" "$2" "$base"; else unknown "$1"; fi; }

# All at once, each holding what it has to say until those within have said theirs.
apart login "$login" | {
  apart interactive "$interactive" | {
    { if [ "$both" ]; then resolved; else unknown login-interactive; fi; } | {
      units | { holders; printf '%s\n' "${listed:-$(files)}"; $cat; }
      $cat
    }
    $cat
  }
  $cat
}
echo '= end'
