#!/usr/bin/env bash
# Runs as root while the image is built; each command that fails ends the build.
set -euo pipefail

gem install bundler --no-document
bundle --version
