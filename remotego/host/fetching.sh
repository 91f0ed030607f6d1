# Fetches a module by go, or lists a repository by git, with settings of this trial alone; nothing of it stays.
# Set before: go goauth include, and module or url. No value here is a secret.

umask 077
room=$(mktemp -d "${TMPDIR:-/tmp}/remotego-check.XXXXXX") || exit 1
trap 'chmod -R u+w "$room" 2>/dev/null; rm -rf -- "$room"' EXIT
trap 'exit 1' HUP INT TERM
cd "$room" || exit 1

export GIT_TERMINAL_PROMPT=0
[ -z "$include" ] || export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=include.path GIT_CONFIG_VALUE_0="$include"
unset GIT_ASKPASS SSH_ASKPASS
limit=
command -v timeout >/dev/null 2>&1 && limit='timeout 120'

if [ "$module" ]; then
  [ "${GOAUTH:-}" ] || export GOAUTH="$goauth"
  export GOMODCACHE="$room/mod" GOFLAGS=-modcacherw GOTOOLCHAIN=local GOWORK=off
  $limit "$go" mod download "$module" 2>&1
else
  $limit git ls-remote -- "$url" HEAD 2>&1
fi
printf '\n#exit %s\n' $?
