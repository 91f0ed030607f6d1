# What scripts about a module proxy share. Set before: root (our directory).

started=
left_something=3 # exit code of an apply that could not take back what it had begun

# start_proxy PATH PROGRAM ORDER: have it serve as the order says, or leave all as it was. printf is the shell's own, so
# the order is in no list of processes. started is set where something may be left of it, also for who is interrupted.
start_proxy() {
  started=$1
  printf '%s' "$3" | "$2" apply "$1"
  code=$?
  case $code in 0|$left_something) ;; *) started= ;; esac
  return $code
}

# abandon_proxy PATH: end what start_proxy has begun, but not what another controller has.
abandon_proxy() { [ -z "$started" ] || stop_proxy "$1"; }

# stop_proxy PATH: end it and remove its directory. The program is the one it runs by, and one of ours; any of ours where
# it has none: an apply that was killed leaves half a place.
stop_proxy() {
  [ -e "$1" ] || return 0
  program=$(readlink -- "$1/program")
  case $program in
    "$root"/store/goproxyd-*|'') ;;
    *) echo "$1 runs by a program that is none of ours: $program" >&2; return 1 ;;
  esac
  [ -x "$program" ] || for program in "$root"/store/goproxyd-*; do :; done
  if [ -x "$program" ]; then "$program" remove "$1"; return; fi
  ! [ -e "$1/keeper" ] || { echo "$1 has no program of ours that could end it" >&2; return 1; }
  rm -rf -- "$1"
}
