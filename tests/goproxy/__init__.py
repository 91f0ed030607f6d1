"""Tests of the room goproxy, and the scripted proxy that they share (`scripted.py`)."""
