# The files that start-ups read, line by line as far as they give a watched variable a value or read another file.
# A part of contexts.sh, which says what its rows are and sets what is used here.

# Lines of files that give a watched variable a value, and the files that those read in turn.
READ='
BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) any = any (i > 1 ? "|" : "") list[i]
  any = any "|fish_add_path|fish_user_paths|path[+]?=" }
function row(name, value) { print "s\t" FILENAME "\t" FNR "\t" name "\t" substr(value, 1, 4000) }
function reads(target) {
  gsub(/["\047]/, "", target); gsub(/[$][{]ZDOTDIR:-[$]HOME[}]|[$][{]?ZDOTDIR[}]?/, late, target)
  gsub(/[$][{]?HOME[}]?/, home, target)
  if (substr(target, 1, 2) == "~/") target = home substr(target, 2)
  if (target ~ /^\// && target !~ /[$`(]/) print "i\t" FILENAME "\t" FNR "\t" target
}
/^[ \t]*#/ { next }
/^SETUVAR / { gsub(/\\x3a/, ":"); gsub(/\\x40/, "@"); gsub(/\\x2f/, "/"); gsub(/\\x2c/, ",") }
{ line = " " $0 }
match(line, /[ \t;&|({](\.|source)[ \t]+["\047]?[^ \t;"\047&|)]+/) {
  target = substr(line, RSTART + 1, RLENGTH - 1); sub(/^(\.|source)[ \t]+/, "", target); reads(target)
}
env_file && match(line, /[ \t;]ENV=["\047]?[^ \t;"\047&|)]+/) {
  target = substr(line, RSTART + 5, RLENGTH - 5); reads(target)
}
/\/etc\/profile\.d/ && !/^[ \t]*(\.|source) / { reads("/etc/profile.d/*.sh") }
/\.bashrc\.d/ && /[*]/ { reads("~/.bashrc.d/*") }
match(line, /(^[ \t]*|[;&|{][ \t]*|then[ \t]+)exec[ \t]+[A-Za-z\/$"~]/) { row("exec", "=" substr(line, RSTART + RLENGTH - 1)) }
line ~ any {
  for (i = 1; i <= n; i++) {
    if (match(line, "[ \t;&|({\"\047]" list[i] "[+]?=")) row(list[i], substr(line, RSTART + 1 + length(list[i])))
    else if (match(line, "[ \t;](set[ \t]+(-[-a-zA-Z]+[ \t]+)*|setenv[ \t]+)" list[i] "[ \t]+") ||
      match(line, "SETUVAR[ \t]+(-[-a-z]+[ \t]+)*" list[i] ":") ||
      match(line, "^ " list[i] "[ \t]+(DEFAULT|OVERRIDE)=")) row(list[i], "=" substr(line, RSTART + RLENGTH))
  }
  if (match(line, /fish_add_path[ \t]+|fish_user_paths[ :]/)) row("PATH", "=$ " substr(line, RSTART + RLENGTH))
  if (match(line, /[ \t;]path[+]?=/)) row("PATH", "=$ " substr(line, RSTART + RLENGTH))
}'

files() {
  echo '= files'
  seen=$nl left=120 IFS=$nl
  # What an interactive one of these reads besides is named by a variable.
  case $kind in bash|rbash|zsh|fish) env_file= ;; *) env_file=1 ;; esac
  look /etc/environment "$HOME/.pam_environment" /etc/security/pam_env.conf "$HOME/.ssh/environment" \
    /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf /etc/environment.d/*.conf /usr/lib/environment.d/*.conf \
    "$HOME"/.config/environment.d/*.conf /etc/systemd/user.conf /etc/systemd/user.conf.d/*.conf
  case $kind in
    bash|rbash)
      look /etc/profile /etc/bash.bashrc "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile" "$HOME/.bashrc" ;;
    zsh) for name in zshenv zprofile zshrc zlogin; do
      look "/etc/zsh/$name" "/etc/$name" "$early/.$name" "$late/.$name"
    done ;;
    fish)
      look /etc/fish/conf.d/*.fish /usr/share/fish/vendor_conf.d/*.fish /usr/local/share/fish/vendor_conf.d/*.fish \
        "$HOME"/.config/fish/conf.d/*.fish /usr/share/fish/config.fish /etc/fish/config.fish \
        "$HOME/.config/fish/config.fish" "$HOME/.config/fish/fish_variables" ;;
    *) look /etc/profile "$HOME/.profile" ${ENV:+"$ENV"} ;;
  esac
}
# look FILE...: the rows of each file and, after it, of those that it reads.
look() {
  for file; do
    [ -f "$file" ] && [ -r "$file" ] && [ $left -gt 0 ] || continue
    case $seen in *"$nl$file$nl"*) continue ;; esac
    seen=$seen$file$nl left=$((left - 1))
    printf 'k\tfile\t%s\n' "$file"
    more=$($awk -v names="$names" -v home="$HOME" -v late="$late" -v env_file="$env_file" "$READ" "$file" 2>/dev/null)
    [ "$more" ] || continue
    printf '%s\n' "$more" | blot
    for target in $(printf '%s\n' "$more" | $sed -n "s/^i$tab[^$tab]*$tab[^$tab]*$tab//p"); do
      for one in $target; do [ ! -f "$one" ] || printf 'g\t%s\t%s\n' "$target" "$one"; done
      look $target
    done
  done
}
