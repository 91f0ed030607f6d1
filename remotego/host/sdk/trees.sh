# What scripts about SDKs of Go share. Set before: root; note_name, manifest and listing (names of our files in or beside an SDK).

# discard DIRECTORY: remove it though all in it is read-only.
discard() { chmod -R u+w -- "$1" 2>/dev/null; rm -rf -- "$1"; }

# count DIRECTORY: how many files it holds and how many bytes, all but our note.
count() (
  files=0 bytes=0
  find "$1" -type f ! -name "$note_name" -exec stat -c %s -- {} + | {
    while read -r size; do files=$((files + 1)) bytes=$((bytes + size)); done
    echo "$files $bytes"
  }
)

# programs_of DIRECTORY: "PID PROGRAM" of each process we can see whose program is in it.
programs_of() (
  real=$(cd -- "$1" 2>/dev/null && pwd -P) || exit 0
  ls -l /proc/[0-9]*/exe 2>/dev/null | while read -r line; do
    exe=${line#* -> } pid=${line#*/proc/}
    case $exe in "$real"/*) printf '%s %s\n' "${pid%%/*}" "$exe" ;; esac
  done
)

# is_idle DIRECTORY: whether no program runs from it.
is_idle() {
  busy=$(programs_of "$1")
  [ -z "$busy" ] || { printf '%s\n' "$busy" | sed 's/^/#busy /' >&2; return 1; }
}

# remove_sdk PATH IN_USE ASIDE: take its name, then its bytes; see remotego.core.change.RemoveSdk.
remove_sdk() {
  [ "$2" ] || is_idle "$1" || return 1
  [ ! -d "$1" ] || mv -f -- "$1" "$3" || return 1
  rm -f -- "${1%/*}/.damaged-${1##*/}"
  discard "$3"
}

# leads_to PATH NOW: whether another controller has done the same in the meantime; its entry takes that back, not ours.
leads_to() { [ "$(readlink -- "$1")" = "$2" ]; }

# relink PATH WAS NOW ROOM: see remotego.core.change.Relink.
relink() {
  [ "$(readlink -- "$1")" = "$2" ] || { echo '#relinked' >&2; return 1; }
  [ "$3" ] || { rm -f -- "$1"; return; }
  mkdir -m 700 "$4" && ln -s -- "$3" "$4/${1##*/}" && mv -f -- "$4/${1##*/}" "${1%/*}/" || { rm -rf "$4"; return 1; }
  rmdir "$4"
}

# take_back_link PATH WAS NOW ROOM: the same for an undo; a link that leads elsewhere by now is somebody else's doing.
take_back_link() {
  [ "$(readlink -- "$1")" != "$2" ] || relink "$@"
}
drop_dangling() { [ -e "$1" ] || rm -f -- "$1"; }

# neutral HOME: nothing in the environment steers go, and what it writes goes to HOME.
neutral() {
  for name in $(env | sed -n -e 's/^\(GO[A-Z0-9_]*\)=.*/\1/p' -e 's/^\(CGO_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done
  HOME=$1 XDG_CONFIG_HOME=$1 XDG_CACHE_HOME=$1 TMPDIR=$1
  GOTOOLCHAIN=local GOENV=off GOFLAGS= GOPROXY=off GOWORK=off GO111MODULE=on CGO_ENABLED=0 GOCACHE=$1/cache GOPATH=$1/path
  export HOME XDG_CONFIG_HOME XDG_CACHE_HOME TMPDIR
  export GOTOOLCHAIN GOENV GOFLAGS GOPROXY GOWORK GO111MODULE CGO_ENABLED GOCACHE GOPATH
}
