// The coach: what go run ./workshop compiles and starts.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// errFails is returned by a command that has said already what is wrong.
var errFails = errors.New("checks fail")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errFails) {
			fmt.Fprintln(os.Stderr, "workshop:", err)
		}
		os.Exit(1)
	}
}

// options are those of all commands.
type options struct{ lang string }

// newCommand returns the command with all its subcommands.
func newCommand() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:           "workshop",
		Short:         "A coach for the JWT workshop: where you are, what fails, what to do next",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          o.watch,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&o.lang, "lang", "", "language, en or es (else that of the environment)")
	add := func(use, short string, args cobra.PositionalArgs, f func(*cobra.Command, []string) error) *cobra.Command {
		cmd := &cobra.Command{Use: use, Short: short, Args: args, RunE: f}
		root.AddCommand(cmd)
		return cmd
	}
	add("watch [step]", "Check the step at every save (this is what happens without a command)", cobra.MaximumNArgs(1), o.watch)
	add("list", "Show the steps, their TODOs and how far you are", cobra.NoArgs, o.list)
	check := add("check [step]", "Check a step once; the exit code is 0 if it passes", cobra.MaximumNArgs(1), o.check)
	check.Flags().Bool("json", false, "print the result as JSON")
	check.Flags().Bool("stretch", false, "run the stretch checks, too")
	add("hint [step]", "Show the next hint on the first TODO that is open", cobra.MaximumNArgs(1), o.hint)
	add("lesson [step]", "Show the lesson", cobra.MaximumNArgs(1), o.lesson)
	solution := add("solution [step]", "Compare your code with the finished code", cobra.MaximumNArgs(1), o.solution)
	solution.Flags().Bool("yes", false, "show it without a question")
	add("reset STEP", "Put a step back to how it was at first; what you wrote is kept", cobra.ExactArgs(1), o.reset)
	add("inspect [TOKEN]", "Take a token apart", cobra.MaximumNArgs(1), o.inspect)
	add("attack [step or URL]", "Try to get into /protected of your program without a good token", cobra.MaximumNArgs(1), o.attack)
	add("doctor", "Look for what this computer lacks", cobra.NoArgs, o.doctor)
	return root
}

// newCoach returns the coach for the step that the first argument names, if one does.
func (o *options) newCoach(args []string) (*coach.Coach, error) {
	w, err := run.Find()
	if err != nil {
		return nil, err
	}
	texts, err := words.Choose(o.lang, os.Getenv)
	if err != nil {
		return nil, err
	}
	return coach.New(w, texts, append(args, "")[0])
}

// coach does as newCoach does, and writes what the learner should know.
func (o *options) coach(args []string) (*coach.Coach, error) {
	c, err := o.newCoach(args)
	if err == nil && c.Note != "" {
		fmt.Fprintln(os.Stderr, c.Note)
		c.Note = ""
	}
	return c, err
}
