"""A user manager of systemd that is real, on a machine that systemd has not booted."""

import secrets
import subprocess
from dataclasses import dataclass

from remotego.core.framing import End, FrameReader, Output, compose
from remotego.core.transport import Answer, Script

USER = 65534
HOME = "/run/home"
LIMIT_S = 120

_BEGIN = f"""
mount -t tmpfs -o mode=755 none /run && mkdir -p /run/systemd/system /run/user/{USER} {HOME}/.config/environment.d
printf '%s' "$1" >{HOME}/.config/environment.d/go.conf
chown -R {USER} /run/user/{USER} {HOME} && chmod 700 /run/user/{USER}
mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && mkdir "$2" && chown -R {USER} "$2"
echo 0 >"$2/cgroup.procs"
as="setpriv --reuid {USER} --regid {USER} --clear-groups
  env -i HOME={HOME} XDG_RUNTIME_DIR=/run/user/{USER} PATH=/usr/local/bin:/usr/bin:/bin"
$as /lib/systemd/systemd --user </dev/null >/dev/null 2>&1 &
tries=600
until $as systemctl --user show-environment >/dev/null 2>&1 || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done
$as /bin/sh -s
"""
"""What sd_booted(3) looks for, a cgroup of its own and a runtime directory are all that a user manager asks for."""

_OUTER = """
unshare --pid --fork --kill-child --mount-proc sh -c "$1" sh "$2" "$3"
mount -t cgroup2 none /sys/fs/cgroup && find "$3" -depth -type d -exec rmdir {} +
"""


@dataclass(frozen=True, slots=True)
class UserManager:
    """Runs scripts as a user whose manager has read ``settings``, a file of environment.d(5)."""

    settings: str
    name: str = "user-manager"

    def run(self, script: Script, *, timeout_s: float = LIMIT_S) -> Answer:
        """Start the manager, run a script beside it, end it."""
        frame = FrameReader(secrets.token_hex(8))
        cgroup = f"/sys/fs/cgroup/remotego-{frame.nonce}"
        words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _OUTER, "sh", _BEGIN]
        done = subprocess.run(
            [*words, self.settings, cgroup],
            input=compose(script.text, frame.nonce),
            capture_output=True,
            timeout=timeout_s,
        )
        events = frame.feed(done.stdout)
        printed = b"".join(event.data for event in events if isinstance(event, Output))
        codes = [event.exit_code for event in events if isinstance(event, End)]
        return Answer(printed, done.stderr, codes[0] if codes else -1)
