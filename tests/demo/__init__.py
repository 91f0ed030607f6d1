"""``make demo``: a jump host, a target and a service on this machine, and remotego used on them."""
