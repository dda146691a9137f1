#!/usr/bin/env bash
# Gradescope calls this for each submission.
set -euo pipefail
export PATH=/usr/local/go/bin:$PATH HOME=/root
cd /autograder/source/workshop
go run ./workshop grade /autograder/submission --lang LANGUAGE --format gradescope --out /autograder/results/results.json
