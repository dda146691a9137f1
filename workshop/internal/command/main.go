// The coach: what go run ./workshop compiles and starts.
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"

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
	texts, err := words.Choose(language(os.Args[1:]), os.Getenv)
	if err == nil {
		err = newCommand(texts).ExecuteContext(ctx)
	}
	if err != nil {
		if !errors.Is(err, errFails) {
			fmt.Fprintln(os.Stderr, "workshop:", err)
		}
		os.Exit(1)
	}
}

// options are those of all commands.
type options struct{ lang string }

// newCommand returns the command with all its subcommands, described in a language.
func newCommand(texts *words.Words) *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:           "workshop",
		Short:         texts.Commands["workshop"],
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          o.watch,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&o.lang, "lang", "", texts.Commands["--lang"])
	add := func(use string, args cobra.PositionalArgs, f func(*cobra.Command, []string) error, flags ...string) {
		name, _, _ := strings.Cut(use, " ")
		cmd := &cobra.Command{Use: use, Short: texts.Commands[name], Args: args, RunE: f}
		for _, flag := range flags {
			cmd.Flags().Bool(flag, false, texts.Commands["--"+flag])
		}
		root.AddCommand(cmd)
	}
	add("watch [step]", cobra.MaximumNArgs(1), o.watch)
	add("list", cobra.NoArgs, o.list)
	add("check [step]", cobra.MaximumNArgs(1), o.check, "json", "stretch")
	add("hint [step]", cobra.MaximumNArgs(1), o.hint)
	add("lesson [step]", cobra.MaximumNArgs(1), o.lesson)
	add("solution [step]", cobra.MaximumNArgs(1), o.solution, "yes")
	add("reset STEP", cobra.ExactArgs(1), o.reset)
	add("inspect [TOKEN]", cobra.MaximumNArgs(1), o.inspect)
	add("attack [step or URL]", cobra.MaximumNArgs(1), o.attack)
	add("doctor", cobra.NoArgs, o.doctor)
	root.InitDefaultHelpCmd()
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() == "help" {
			cmd.Short = texts.Commands["help"]
		}
		cmd.InitDefaultHelpFlag()
		cmd.Flags().Lookup("help").Usage = texts.Commands["--help"]
	}
	template := root.UsageTemplate()
	for _, heading := range slices.Backward(slices.Sorted(maps.Keys(texts.Help))) { // Global Flags: before Flags:
		template = strings.ReplaceAll(template, heading, texts.Help[heading])
	}
	root.SetUsageTemplate(template)
	return root
}

// language returns what is given as --lang, before the command line is read: the help
// on that is in it, too.
func language(args []string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			return value
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
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
