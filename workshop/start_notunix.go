//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// start starts the program in this file, and ends with its exit code.
func start(file string, args []string) error {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // that is for the coach; Ignore does not hold it off on Windows
	cmd := exec.Command(file, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	return err
}
