"""The checksum database: what Go's client checks, from signed notes to Merkle proofs (golang.org/design/25530-sumdb).

Pure: whoever calls brings a way to read from a server, a proxy or a bundle. Nothing read is trusted but what a
signature or a proof under a signed root covers; every doubt is a ValueError that says what does not hold.
"""
