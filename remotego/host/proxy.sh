# What scripts about a module proxy share. Set before: root (our directory).

# start_proxy PATH PROGRAM ORDER: have it serve as the order says, or leave all as it was. printf is the shell's own, so
# the order is in no list of processes.
start_proxy() { printf '%s' "$3" | "$2" apply "$1"; }

# stop_proxy PATH: end it and remove its directory. The program is the one it runs by, and one of ours.
stop_proxy() {
  [ -e "$1" ] || return 0
  program=$(readlink -- "$1/program") || program=
  case $program in
    "$root"/store/goproxyd-*) "$program" remove "$1" ;;
    *) echo "$1 has no program of ours that could end it" >&2; return 1 ;;
  esac
}
