// The coach, as a command: go run ./workshop compiles it and starts it.
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
	"github.com/spf13/pflag"

	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// errFails is returned by a command that has said already what is wrong.
var errFails = errors.New("checks fail")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	texts, err := words.Choose(words.Option(os.Args[1:]), os.Getenv) // before cobra reads it: the help is in that language, too
	if err != nil {
		texts, _ = words.Choose("", os.Getenv)
	} else {
		err = newCommand(texts).ExecuteContext(ctx)
	}
	if err != nil {
		if !errors.Is(err, errFails) {
			fmt.Fprintln(os.Stderr, "workshop:", texts.Say(err))
		}
		os.Exit(1)
	}
}

// options are those of all commands.
type options struct{ texts *words.Words }

// newCommand returns the command with all its subcommands, described in a language.
func newCommand(texts *words.Words) *cobra.Command {
	o := &options{texts}
	root := &cobra.Command{
		Use:           "workshop",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "go run ./workshop"},
		Short:         texts.Commands["workshop"],
		Args:          noCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          o.watch,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		var bare *pflag.ValueRequiredError
		switch {
		case errors.As(err, &unknown):
			dashes := "--"
			if unknown.GetSpecifiedShortnames() != "" {
				dashes = "-"
			}
			return words.Problemf("there is no option %s\nhint: %s --help", dashes+unknown.GetSpecifiedName(), cmd.CommandPath())
		case errors.As(err, &bare):
			return words.Problemf("the option %s lacks its value\nhint: %s --help", "--"+bare.GetSpecifiedName(), cmd.CommandPath()) // no short one takes a value
		}
		return words.Problemf("%w\nhint: %s --help", err, cmd.CommandPath())
	})
	root.PersistentFlags().String("lang", "", texts.Commands["--lang"])
	add := func(use string, f func(*cobra.Command, []string) error, flags ...string) {
		name, takes, _ := strings.Cut(use, " ")
		cmd := &cobra.Command{Use: strings.TrimSpace(name + " " + texts.Args[takes]), Short: texts.Commands[name], Args: asUsed, RunE: f}
		for _, flag := range flags {
			cmd.Flags().Bool(flag, false, texts.Commands["--"+flag])
		}
		root.AddCommand(cmd)
	}
	add("watch [step]", o.watch)
	add("list", o.list)
	add("check [step]", o.check, "json", "stretch")
	add("hint [step]", o.hint)
	add("lesson [step]", o.lesson)
	add("solution [step]", o.solution, "yes")
	add("reset STEP", o.reset)
	add("inspect [TOKEN]", o.inspect)
	add("attack [step or URL]", o.attack)
	add("doctor", o.doctor)
	root.InitDefaultHelpCmd()
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() == "help" {
			cmd.Short, cmd.Long = texts.Commands["help"], texts.Commands["help"]
			cmd.Use = "help"
		}
		cmd.DisableFlagsInUseLine = true
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

// noCommand is for the arguments of the command itself: what is no command is one.
func noCommand(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return words.Problemf("there is no command %s\nhint: go run ./workshop help lists them", args[0])
	}
	return nil
}

// asUsed wants as many arguments as are in the line on the command's use: in capitals,
// what has to be there; in brackets, what may be.
func asUsed(cmd *cobra.Command, args []string) error {
	if cmd.Name() == "inspect" {
		return nil // Bearer and a token are two
	}
	_, use, takes := strings.Cut(cmd.Use, " ")
	if len(args) > 1 || len(args) == 1 && !takes || len(args) == 0 && takes && use[0] != '[' {
		return words.Problemf("that is not how %s is used\nhint: %s --help", cmd.Name(), cmd.CommandPath())
	}
	return nil
}

// newSession returns the session at the step that the first argument names, if one does.
func (o *options) newSession(args []string) (*coach.Session, error) {
	root, err := folder.Find()
	if err != nil {
		return nil, err
	}
	return coach.New(run.Workshop{Root: root}, o.texts, append(args, "")[0])
}

// session does as newSession does, and writes what the learner should know.
func (o *options) session(args []string) (*coach.Session, error) {
	s, err := o.newSession(args)
	if err == nil {
		s.PrintNote(os.Stderr, width())
	}
	return s, err
}
