//go:build !windows

package sqlproxy

// Possible says whether a process can be given pipes beside its input and output.
const Possible = true
