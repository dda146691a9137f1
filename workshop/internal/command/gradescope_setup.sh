#!/usr/bin/env bash
# Gradescope calls this once, to make the image that all submissions are graded in.
set -euo pipefail
cd "$(dirname "$0")"
archive=$(find . -maxdepth 1 -name 'go*.linux-*.tar.gz' | head -n 1)
if [ -z "$archive" ]; then
	archive=/tmp/go.tar.gz
	case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) echo "no Go for $(uname -m)"; exit 1 ;; esac
	curl -fsSL -o "$archive" "https://go.dev/dl/GOVERSION.linux-$machine.tar.gz"
fi
tar -C /usr/local -xzf "$archive"
export PATH=/usr/local/go/bin:$PATH HOME=/root
# The libraries are fetched, and the checks compiled, so that a student waits for neither.
cd workshop
go mod download
go run ./workshop grade . -o /tmp/first --unsafe
rm -rf /tmp/first
