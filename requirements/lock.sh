#!/bin/sh
# Rewrites the hashed locks from pyproject.toml. Run after a change of dependencies: make lock
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile pyproject.toml "$@" --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet; }
lock --all-extras -o requirements/dev.txt
# The smaller sets pin what the full set pins, so that every environment runs the same versions.
lock -o requirements/run.txt -c requirements/dev.txt
lock --extra vision -o requirements/vision.txt -c requirements/dev.txt
lock --extra vision --extra train -o requirements/train.txt -c requirements/dev.txt
uv pip compile requirements/node.in --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements/node.txt
