package words

import (
	"errors"
	"fmt"
)

// A Problem is an error that can be said in the learner's language.
type Problem struct {
	format string
	args   []any
	err    error // in English
}

// Problemf returns an error as fmt.Errorf does. Its format is the key under which
// Words.Problems has that of another language.
func Problemf(format string, args ...any) error {
	return &Problem{format, args, fmt.Errorf(format, args...)}
}

// Error says it in English.
func (p *Problem) Error() string { return p.err.Error() }

// Unwrap returns the error that %w has wrapped, or nil.
func (p *Problem) Unwrap() error { return errors.Unwrap(p.err) }

// ErrNoGo says that the go command is not there.
var ErrNoGo = Problemf("there is no go command in the PATH\nhint: install Go from https://go.dev/dl/, and open a new terminal")

// Say says an error in the language, if it is a Problem or wraps one.
func (w *Words) Say(err error) string {
	var p *Problem
	if !errors.As(err, &p) {
		return err.Error()
	}
	format, ok := w.Problems[p.format]
	if !ok {
		format = p.format
	}
	return fmt.Errorf(format, p.args...).Error()
}
