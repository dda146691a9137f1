package words

import (
	"errors"
	"fmt"
)

// An Error is an error in words for people.
type Error struct {
	format string
	values []any
}

// Errorf returns an error as fmt.Errorf does, whose format is translated when it is
// printed.
func Errorf(format string, values ...any) error { return &Error{format, values} }

// Error says it in the language that was chosen.
func (e *Error) Error() string { return e.in(Text(e.format).String()).Error() }

// Unwrap returns the error that %w has wrapped, or nil.
func (e *Error) Unwrap() error { return errors.Unwrap(e.in(e.format)) }

// in returns the error with its format in some language.
func (e *Error) in(format string) error { return fmt.Errorf(format, e.values...) }

// Of returns what an error says. If it is none in words for people, it is what a library or
// the system says, in whatever language.
func Of(err error) Text {
	var own *Error
	if errors.As(err, &own) {
		return Text(err.Error())
	}
	return Verbatim(err.Error())
}
