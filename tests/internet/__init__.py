"""An internet of our own: a module proxy and a checksum database whose faults a test decides."""
