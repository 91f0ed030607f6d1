# Puts edited files back; see remotego.core.change.RestoreFile. Set before: digest (what prints a SHA-256).
# Lines on standard error that begin with # are read by remotego.host.faults.

sum_of() { sum=$($digest < "$1") && printf %s "${sum%% *}"; }

begin='# >>> remotego >>>' end='# <<< remotego <<<'

# restore PATH WAS NOW MADE COPY
restore() {
  path=$1 was=$2 now=$3 made=$4 copy=$5 file=$1
  printf '#edit %s\n' "$path" >&2
  [ ! -h "$path" ] || file=$(readlink -f -- "$path") || exit 1
  if [ -e "$file" ]; then
    case $(sum_of "$file") in
      "$was") ;;
      "$now") put_back ;;
      *) take_block ;;
    esac
  fi
  while [ "$made" -gt 0 ]; do
    path=${path%/*} made=$((made - 1))
    rmdir -- "$path" 2>/dev/null || break
  done
}

put_back() {
  if [ "$was" ]; then
    [ "$(sum_of "$copy")" = "$was" ] || { echo '#no copy' >&2; exit 1; }
    replace cat -- "$copy"
    touch -r "$copy" -- "$file" 2>/dev/null
  else
    rm -f -- "$path" || exit 1
  fi
}

# Somebody has changed the file since: what is not between our marks, once or twice in it, is theirs.
take_block() {
  case $(grep -xF -e "$begin" -e "$end" -- "$file" | tr '\n' '|') in
    "$begin|$end|"|"$begin|$end|$begin|$end|") ;;
    *) echo '#changed' >&2; exit 1 ;;
  esac
  replace sed "/^$begin\$/,/^$end\$/d" "$file"
}

# replace COMMAND...: give the file what the command prints; it keeps its mode, also where that forbids to write.
replace() {
  new=${file%/*}/.remotego-undo-$$ locked=
  cp -p -- "$file" "$new" && { [ -w "$new" ] || { locked=yes; chmod u+w "$new"; }; } && "$@" > "$new" &&
    { [ -z "$locked" ] || chmod u-w "$new"; } && mv -f -- "$new" "$file" || { rm -f -- "$new"; exit 1; }
}
