"""SDKs of Go on a target: what is there, how one gets there whole, and whether it still is."""
