"""Tests of what the lab says AWS does. On a running lab:
PYTHONPATH=tests .lab/venv/bin/python -m unittest discover --start-directory tests/emulation --top-level-directory tests"""
