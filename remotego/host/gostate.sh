# Go as windows and terminals of this login find it, and whether its GOPROXY gives a module.
# Set before, by remotego.host.gostate: limit_s, module, login (empty: the environment is taken as it is).
# Prints KEY=VALUE lines.

found() { command -v "$1" >/dev/null 2>&1; }
one_line() { tr '\n\r\t\000' '    ' | cut -c 1-400; }
bound=; ! found timeout || bound="timeout $limit_s"
apart=; ! found setsid || apart=setsid
home=$HOME

# The environment of a login's interactive shell, as an editor's server asks for it.
case ${login:+$SHELL} in
  */bash|*/dash|*/ash|*/sh|*/ksh|*/zsh|*/fish)
    told=$($apart $bound "$SHELL" -ilc 'echo; echo "#env"; env' </dev/null 2>/dev/null | sed '1,/^#env$/d' |
      grep -E '^(PATH|GO[A-Z0-9]+|XDG_[A-Z_]+|[A-Za-z]*_(PROXY|proxy)|SSL_CERT_[A-Z]+|NETRC)=') ;;
  *) told= ;;
esac
if [ "$told" ]; then
  for name in $(env | sed -n 's/^\(GO[A-Z0-9]*\)=.*/\1/p'); do unset "$name"; done
  while IFS= read -r line; do export "$line"; done <<END
$told
END
fi

printf 'home=%s\n' "$home"
for name in GOROOT GOPATH GOPROXY GOTOOLCHAIN GOMODCACHE GOCACHE GOFLAGS GOENV; do
  eval "value=\${$name-}"
  # shellcheck disable=SC2154
  [ -z "$value" ] || { printf 'exported=%s=' "$name"; printf %s "$value" | one_line; echo; }
done

IFS=:
for dir in $PATH; do
  [ -n "$dir" ] || continue
  if [ -h "$dir/go" ] && ! [ -e "$dir/go" ]; then printf 'dangling=%s/go\n' "$dir"; fi
  if [ -d "$dir" ] && ! [ -x "$dir" ]; then printf 'closed=%s\n' "$dir"; fi
done
unset IFS
for link in /usr/local/go /opt/go "$home/sdk/current" "$home/go"; do
  if [ -h "$link" ] && ! [ -e "$link" ]; then printf 'dangling=%s\n' "$link"; fi
done

place() {
  [ -e "$1" ] || return 0
  mine=; writable=
  [ ! -O "$1" ] || mine=mine
  [ ! -w "$1" ] || writable=writable
  printf 'place=%s\t%s\t%s\n' "$mine" "$writable" "$1"
}

# go counts its runs in the user's directory of settings unless there is none (go.dev/doc/telemetry); the file it reads
# there is named to it, and so is mise's directory, whose shim it may be.
config=${XDG_CONFIG_HOME:-$home/.config}
file=${GOENV:-$config/go/env}
ask_go() (
  MISE_CONFIG_DIR=${MISE_CONFIG_DIR:-$config/mise} GOTOOLCHAIN=local GOENV=$file XDG_CONFIG_HOME=/dev/null
  export MISE_CONFIG_DIR GOTOOLCHAIN GOENV XDG_CONFIG_HOME
  # shellcheck disable=SC2086
  cd / && $bound "$go" "$@" 2>&1 </dev/null
)

go=$(command -v go)
works=
if [ "$go" ]; then
  printf 'go=%s\nreal=%s\n' "$go" "$(readlink -f -- "$go")"
  if version=$(ask_go version); then
    printf 'version='; printf %s "$version" | one_line; echo
    names='GOROOT GOPATH GOPROXY GOMODCACHE GOCACHE GOTOOLCHAIN GOENV GOINSECURE GOAUTH'
    # shellcheck disable=SC2086
    if said=$(ask_go env $names); then
      works=1
      printf '%s\n' "$said" | (
        for name in $names; do IFS= read -r value; printf 'said=%s=%s\n' "$name" "$value"; done
      )
    else
      printf 'problem='; printf %s "$said" | one_line; echo
    fi
  else
    printf 'problem='; printf %s "$version" | one_line; echo
  fi
fi

asked() { printf '%s\n' "$said" | sed -n "$1p"; }
if [ "$works" ]; then
  proxies=$(asked 3) cache=$(asked 4) builds=$(asked 5) insecure=$(asked 8) auth=$(asked 9)
  paths=$(asked 2)
  place "${paths%%:*}"; place "$cache"; place "$builds"
else
  proxies=${GOPROXY:-$(sed -n 's/^GOPROXY=//p' "$file" 2>/dev/null | tail -n 1)}
  if [ -z "${GOPROXY-}" ] && [ "$proxies" ]; then printf 'said=GOPROXY=%s\n' "$proxies"; fi
fi

# fetch PROXY: nothing but a temporary directory is written, and that is removed again.
fetch() {
  if [ "$works" ]; then
    tool=go
    said=$(
      cd "$room" || exit 1
      NETRC=${NETRC:-$home/.netrc} HOME=$room XDG_CONFIG_HOME=$room XDG_CACHE_HOME=$room GOENV=off GOPATH=$room/p
      GOMODCACHE=$room/m GOCACHE=$room/c GOPROXY=$1 GONOPROXY=none GOPRIVATE='' GOSUMDB=off GOFLAGS='' GOWORK=off
      GOTOOLCHAIN=local GOINSECURE=$insecure GOAUTH=$auth
      export NETRC HOME XDG_CONFIG_HOME XDG_CACHE_HOME GOENV GOPATH GOMODCACHE GOCACHE GOPROXY GONOPROXY GOPRIVATE
      export GOSUMDB GOFLAGS GOWORK GOTOOLCHAIN GOINSECURE GOAUTH
      [ "$GOAUTH" ] || unset GOAUTH
      # shellcheck disable=SC2086
      $bound "$go" list -m -versions "$module" 2>&1 </dev/null
    )
    code=$?
    if [ $code = 0 ] && [ "${said#* }" = "$said" ]; then code=1 said="no matching versions: $said"; fi
  else
    case $1 in
      file://*) tool=ls said=$(ls -d "${1#file://}/$module/@v" 2>&1); code=$? ;;
      *)
        if found curl; then
          tool=curl
          said=$(printf 'url = "%s/%s/@v/list"\n' "$1" "$module" | $bound curl -sSfL -o /dev/null -K - 2>&1)
          code=$?
        elif found wget; then
          tool=wget
          case $1 in *@*) said='an address with a password is not given to wget' code=1 ;; *)
            said=$($bound wget -T "$limit_s" -O /dev/null "$1/$module/@v/list" 2>&1); code=$? ;;
          esac
        else
          return
        fi ;;
    esac
  fi
  printf 'trial=%s\t%s\t%s\t' "$1" "$tool" "$code"; printf %s "$said" | one_line; echo
}

if [ "$proxies" ] && room=$(mktemp -d 2>/dev/null); then
  trap 'chmod -R u+w "$room" 2>/dev/null; rm -rf "$room"' EXIT
  number=0
  for proxy in $(printf %s "$proxies" | tr ',|' '  '); do
    case $proxy in direct|off) break ;; esac
    number=$((number + 1))
    [ $number -le 4 ] || break
    fetch "$proxy" > "$room/$number" &
  done
  wait
  for one in 1 2 3 4; do [ ! -f "$room/$one" ] || cat "$room/$one"; done
fi
true
