# What home_files asks of a login's home; a row is KEY=NAME, or KEY=NAME<tab>VALUE.
# Set by home_files: DIRS, FILES and TOOLS (names, one word each), CAP_BYTES, LIMIT_S, ENV_FILE, FISH_FILE,
# GIVEN (the go command that the user names), ROOT (our directory).

printf 'home=%s\nshell=%s\n' "$HOME" "$SHELL"
case $SHELL in /*) [ ! -x "$SHELL" ] || echo checker=yes ;; esac
for dir in $DIRS; do [ ! -d "$HOME/$dir" ] || echo "dir=$dir"; done
show() {
  case $1 in /*) file=$1 ;; *) file=$HOME/$1 ;; esac
  if [ -f "$file" ] && [ ! -r "$file" ]; then echo "odd=$1	you may not read it"
  elif [ -f "$file" ] && [ ! -O "$file" ]; then echo "odd=$1	it belongs to somebody else"
  elif [ -f "$file" ]; then
    printf 'file=%s\t' "$1"; head -c $CAP_BYTES < "$file" | od -An -v -tx1 | tr -d ' \n'; echo
  elif [ -e "$file" ]; then echo "odd=$1	it is no regular file"
  elif [ -h "$file" ]; then echo "odd=$1	it is a link that leads nowhere"
  fi
  place=$file; [ ! -h "$file" ] || place=$(readlink -f -- "$file")
  place=${place%/*}
  while [ "$place" ] && [ ! -d "$place" ]; do place=${place%/*}; done
  # Where the whole file system is read-only, rmdir says so before it looks.
  [ -w "${place:-/}" ] || case $(LC_ALL=C rmdir "$place/.remotego-none" 2>&1) in
    *ead-only*) ;;
    *) printf 'locked=%s\t%s\n' "$1" "${place:-/}" ;;
  esac
}
for name in $FILES; do show "$name"; done
bound=; ! command -v timeout >/dev/null 2>&1 || bound="timeout $LIMIT_S"
goenv=${GOENV:-${XDG_CONFIG_HOME:-$HOME/.config}/go/env}
# A link is followed here, and not when it is taken back: by then it may lead elsewhere.
[ ! -h "$goenv" ] || [ ! -f "$goenv" ] || { printf 'goenv_link=%s\n' "$goenv"; goenv=$(readlink -f -- "$goenv"); }
printf 'goenv=%s\n' "$goenv"
case $goenv in /*) show "$goenv"; dir=${goenv%/*} ;; *) dir= ;; esac
while [ "$dir" ] && [ ! -d "$dir" ]; do echo "gone=$dir"; dir=${dir%/*}; done
told() { printf '%s=%s\t%s\n' "$1" "$2" "$(head -n 1 "${2%/bin/go}/VERSION" 2>/dev/null)"; }
[ -z "$GIVEN" ] || [ ! -f "$GIVEN" ] || [ ! -x "$GIVEN" ] || told given "$GIVEN"
case $SHELL in */fish) ours=$HOME/$FISH_FILE ;; *) ours=$HOME/$ENV_FILE ;; esac
named=$(sed -n -e 's/^ *PATH=\(.*\)[$]{remotego_path:+.*/\1/p' \
  -e 's/^ *set -gx PATH \(.*\) [$]remotego_path$/\1/p' "$ours" 2>/dev/null | tr -d "'" | head -n 1)
[ -z "$named" ] || [ ! -f "$named/go" ] || [ ! -x "$named/go" ] || told ours "$named/go"
[ ! -x "$ROOT/sdk/current/bin/go" ] || told sdk "$ROOT/sdk/current/bin/go"
apart=; ! command -v setsid >/dev/null 2>&1 || apart=setsid
asked() {
  (unset ZDOTDIR; $apart $bound "$SHELL" "$@" -c 'printf "\n@zdotdir:%s\n" "$ZDOTDIR"' </dev/null 2>/dev/null) |
    sed -n 's/^@zdotdir://p' | tail -n 1
}
below() {
  dir=$1; shift
  while [ "$dir" != "${dir%/}" ]; do dir=${dir%/}; done
  case $dir in "$HOME"/*) dir=${dir#"$HOME"/} ;; *) return ;; esac
  for name; do show "$dir/$name"; done
  while :; do
    [ ! -d "$HOME/$dir" ] || echo "dir=$dir"
    case $dir in */*) dir=${dir%/*} ;; *) break ;; esac
  done
}
case $SHELL in
  */zsh)
    early=$(asked -f) late=$(asked)
    [ "$early$late" ] || early=$ZDOTDIR late=$ZDOTDIR
    printf 'zdotdir=%s\t%s\n' "$early" "$late"
    below "$early" .zshenv; below "$late" .zprofile .zshrc .zlogin ;;
esac
case $SHELL in
  */bash|*/dash|*/ash|*/sh|*/ksh|*/zsh|*/fish)
    login=$($apart $bound "$SHELL" -ilc 'command -v go' </dev/null 2>/dev/null | sed -n '/^\/.*\/go$/p' | tail -n 1)
    [ -z "$login" ] || told login "$login" ;;
esac
for go in "$HOME"/sdk/*/bin/go /usr/local/go/bin/go /opt/go/bin/go "$HOME"/go/bin/go; do [ ! -f "$go" ] || [ ! -x "$go" ] || told place "$go"; done
for tool in $TOOLS; do
  [ ! -x "$HOME/go/bin/$tool" ] || printf 'tool=%s\t%s\n' "$tool" "$HOME/go/bin/$tool"
done
true
