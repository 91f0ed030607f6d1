"""The catalogue: every question the doctor asks, in the order it is told.

A check that does not apply, such as one about a process when none is named, has no finding.
"""

from __future__ import annotations

from collections.abc import Mapping

from remotego.doctor.check import MISSING, REFUSED, UNREACHABLE, USAGE, Check

CHECKS: tuple[Check, ...] = (
    # This machine.
    Check("ssh-client", "ssh", "Is there an ssh program, and is it new enough?", "here", MISSING),
    Check("ssh-permissions", "ssh", "Are ~/.ssh and the keys in it closed to others?", "here", REFUSED),
    Check("python-version", "python", "Is this Python one that remotego supports?", "here", MISSING),
    Check("python-packages", "python", "Are the packages there in the versions that remotego needs?", "here", MISSING),
    Check("cache-writable", "cache", "Can what is built here be kept?", "here", REFUSED),
    Check("cache-space", "cache", "Is there space for it?", "here"),
    # The editor's files.
    Check("editor-dlv", "editor", "Does the Go extension find a dlv on this machine?", "here", MISSING),
    Check("editor-files", "editor", "Can the editor's files of the workspace be read?", "here", USAGE),
    Check("editor-tools", "editor", "Do go.alternateTools lead to programs?", "here", MISSING),
    Check("editor-goroot", "editor", "Is go.goroot left alone?", "here", USAGE),
    Check("editor-adapter", "editor", "Is Delve's own adapter used, not the legacy one?", "here", USAGE),
    Check("editor-inert", "editor", "Do all settings do something?", "here", USAGE),
    Check("launch-mode", "launch.json", 'Is every attach "local" or "remote"?', "here", USAGE),
    Check("launch-paths", "launch.json", "Do remote entries say where the sources are?", "here", USAGE),
    Check("launch-order", "launch.json", 'Does no rule for "/" hide the rules behind it?', "here", USAGE),
    Check("launch-windows", "launch.json", "Are Windows paths written as the editor writes them?", "here", USAGE),
    Check("launch-port", "launch.json", "Does somebody answer at the port of each remote entry?", "here", MISSING),
    Check("launch-process", "launch.json", "Do the processes and programs that entries name exist?", "here", MISSING),
    Check("launch-tasks", "launch.json", "Are the tasks there that entries begin and end with?", "here", MISSING),
    Check("launch-release", "launch.json", "Is the process freed when the editor leaves?", "here", USAGE),
    # A host, from the way there inwards.
    Check("reach-hop", "reach", "Can each machine on the way be reached and trusted?", "host", UNREACHABLE),
    Check("reach-key", "reach", "Is its host key one that is still safe?", "host", UNREACHABLE),
    Check("forward-channel", "reach", "Which ways to a session does its sshd leave open?", "host", REFUSED),
    Check("account-shell", "account", "Is the login shell one that runs commands?", "host"),
    Check("account-home", "account", "Is there a home that can be written?", "host"),
    Check("account-keys", "account", "Is its ~/.ssh closed to others?", "host", REFUSED),
    Check("account-quiet", "account", "Do start-up files print nothing?", "host"),
    Check("account-limits", "account", "Are files, processes and core dumps not limited too tightly?", "host"),
    Check("store-place", "store", "Can our directory be written?", "host"),
    Check("store-permissions", "store", "Is our directory closed to others?", "host", REFUSED),
    Check("store-noexec", "store", "May programs run from there?", "host"),
    Check("store-space", "store", "Is there space for a dlv?", "host"),
    Check("store-inodes", "store", "Are there inodes for it?", "host"),
    Check("store-tools", "store", "Are there tools to verify and unpack what is pushed?", "host", MISSING),
    Check("leftover-pushes", "leftovers", "Is nothing left of pushes that were broken off?", "host"),
    Check("leftover-sessions", "leftovers", "Is nothing left of sessions whose guard has gone?", "host"),
    Check("leftover-stores", "leftovers", "Is there no other directory of ours?", "host"),
    Check("leftover-dlv", "leftovers", "Is every dlv somebody's?", "host"),
    Check(
        "dlv-command", "leftovers", "Are servers of dlv started so that an editor can come, go and come again?", "host"
    ),
    Check("system-kernel", "system", "Is it a Linux that Delve supports?", "host"),
    Check("system-clock", "system", "Does its clock agree with ours?", "host"),
    Check("attach-ptrace", "attach", "Does the kernel let this login trace its own processes?", "host", REFUSED),
    Check("attach-process", "attach", "Does it let this login trace the process that is named?", "host", REFUSED),
    Check("attach-program", "attach", "Is the program built so that a debugger can show it?", "host"),
    Check("attach-watchdog", "attach", "Does nobody kill the process while it stands at a breakpoint?", "host"),
    # Go, here and there.
    Check("go-command", "go", "Is there a go that works?", "both", MISSING),
    Check("go-link", "go", "Does every link called go lead to one?", "both", MISSING),
    Check("go-root", "go", "Is GOROOT left to go itself?", "both", USAGE),
    Check("go-path", "go", "Is GOPATH set only for a reason?", "both", USAGE),
    Check("go-directories", "go", "May go write where it keeps things?", "both", REFUSED),
    Check("go-proxy", "go", "Does GOPROXY give a module when it is asked?", "both", UNREACHABLE),
    Check("go-sums", "go", "Are the modules what go.sum says?", "here"),
    Check("env-contexts", "environment", "Do all shells and windows find the same go?", "host", USAGE),
    Check("env-block", "environment", "Is what we wrote for its shells whole?", "host"),
    Check("env-tools", "environment", "Do the machine settings of its editors lead to programs?", "host", MISSING),
    Check("env-sdk", "environment", "Are the Go SDKs we put there whole?", "host"),
)

BY_ID: Mapping[str, Check] = {check.id: check for check in CHECKS}
ORDER: Mapping[str, int] = {check.id: place for place, check in enumerate(CHECKS)}

GRAVITY = (UNREACHABLE, 7, REFUSED, MISSING, 6, USAGE)
"""Exit codes, the worst first: what cannot be reached hides all the rest."""
