// The coach, as a command: go run ./workshop compiles it and starts it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/internal/words/catalogue"
)

// errFails is returned by a command that has said already what is wrong.
var errFails = errors.New("checks fail")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), folder.EndSignals...)
	defer stop()
	err := chooseLanguage(words.Option(os.Args[1:])) // before cobra reads it: the help is in that language, too
	if err == nil {
		err = newCommand().ExecuteContext(ctx)
	}
	if ctx.Err() != nil { // it was told to end, and what has failed since has failed for that
		os.Exit(1)
	}
	if err != nil {
		if !errors.Is(err, errFails) {
			fmt.Fprintln(os.Stderr, "workshop:", folder.WithWayOut(err))
		}
		os.Exit(1)
	}
}

// chooseLanguage has texts printed in the language that is asked for, and keeps that for
// the next time; if none is asked for, in the learner's.
func chooseLanguage(asked string) error {
	kept := "" // outside of the workshop, nothing is kept
	if root, err := folder.Find(); err == nil {
		kept = filepath.Join(root, folder.Kept)
	}
	catalogue.Use(words.Language("", kept, os.Getenv)) // one that is not there is English
	if asked == "" {
		return nil
	}
	err := catalogue.Use(words.Base(asked))
	if err == nil && kept != "" {
		err = words.Keep(words.Base(asked), kept)
	}
	return err
}

// options are those of all commands.
type options struct{}

// A command is one of the coach's.
type command struct {
	use   string     // its name
	takes words.Text // its argument: in brackets, what may be; in capitals, what has to be there
	short words.Text // what it does
	run   func(*cobra.Command, []string) error
	flags map[string]words.Text
}

// commands returns all commands but help.
func (o *options) commands() []command {
	return []command{
		{"watch", "[step]", "Check the step at every save (this is what happens without a command)", o.watch, map[string]words.Text{"plain": "write lines in place of a screen, as for one that is read aloud"}},
		{"list", "", "Show the steps, their TODOs and how far you are", o.list, nil},
		{"check", "[step]", "Check a step once; the exit code is 0 if it passes", o.check, map[string]words.Text{
			"json":    "print the result as JSON",
			"stretch": "run the stretch checks, too",
		}},
		{"hint", "[step]", "Show the next hint on the first TODO that is open", o.hint, nil},
		{"lesson", "[step]", "Show the lesson", o.lesson, nil},
		{"solution", "[step]", "Compare your code with the finished code", o.solution, map[string]words.Text{"yes": "show it without a question"}},
		{"reset", "STEP", "Put a step back to how it was at first; what you wrote is kept", o.reset, nil},
		{"inspect", "[TOKEN]", "Take a token apart", o.inspect, nil},
		{"predict", "[step]", "Say what your program does, and see whether it does", o.predict, nil},
		{"spot", "", "Say which attacks get into programs of others, and see whether they do", o.spot, nil},
		{"attack", "[step or URL]", "Try to get into /protected of your program without a good token", o.attack, nil},
		{"template", "FOLDER", "For instructors: copy what students get, without finished code, into a folder", o.template, nil},
		{"update", "FOLDER or ZIP", "Bring this workshop to a newer version; what you wrote stays", o.update, nil},
		{"version", "", "Say which version of the workshop this is", o.version, nil},
		{"doctor", "", "Look for what this computer lacks", o.doctor, nil},
	}
}

// newCommand returns the command with all its subcommands.
func newCommand() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:           "workshop",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "go run ./workshop"},
		Short:         say("A coach for the JWT workshop: where you are, what fails, what to do next"),
		Args:          noCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          o.begin,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().String("lang", "", say("language: `en|es` (else the one that you chose before, or that of the environment)"))
	for _, c := range o.commands() {
		cmd := &cobra.Command{Use: strings.TrimSpace(c.use + " " + say(c.takes)), Short: say(c.short), Args: asUsed, RunE: c.run}
		for name, usage := range c.flags {
			cmd.Flags().Bool(name, false, say(usage))
		}
		root.AddCommand(cmd)
	}
	root.AddCommand(newGradeCommand())
	root.InitDefaultHelpCmd()
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() == "help" {
			cmd.Short = say("Say more about a command")
			cmd.Long, cmd.Use = cmd.Short, "help"
		}
		cmd.DisableFlagsInUseLine = true
		cmd.InitDefaultHelpFlag()
		cmd.Flags().Lookup("help").Usage = say("say how it is used")
	}
	root.SetUsageTemplate(helpWords().Replace(root.UsageTemplate()))
	return root
}

// helpWords replaces cobra's own words in a page of help.
func helpWords() *strings.Replacer {
	return strings.NewReplacer(
		"Usage:", say("Usage:"),
		"Available Commands:", say("Commands:"),
		"Global Flags:", say("For all commands:"),
		"Flags:", say("Options:"),
		"for more information about a command.", say("for more about a command."),
		"Use ", say("Type "),
		"[command]", say("[command]"),
	)
}

// say returns a text in the learner's language.
func say(t words.Text) string { return t.String() }

// flagError says what is wrong with an option.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		dashes := "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		return words.Errorf("there is no option %s\nhint: %s --help", dashes+unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &bare):
		return words.Errorf("the option %s lacks its value\nhint: %s --help", "--"+bare.GetSpecifiedName(), cmd.CommandPath()) // no short one takes a value
	}
	return words.Errorf("%w\nhint: %s --help", err, cmd.CommandPath())
}

// noCommand is for the arguments of the command itself: what is no command is one.
func noCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if step, err := course.Find(args[0]); err == nil && step != "" {
		return words.Errorf("there is no command %s\nhint: go run ./workshop watch %s", args[0], args[0])
	}
	return words.Errorf("there is no command %s\nhint: go run ./workshop help lists them", args[0])
}

// asUsed wants as many arguments as are in the line on the command's use: in capitals,
// what has to be there; in brackets, what may be.
func asUsed(cmd *cobra.Command, args []string) error {
	if cmd.Name() == "inspect" {
		return nil // Bearer and a token are two
	}
	_, use, takes := strings.Cut(cmd.Use, " ")
	if len(args) > 1 || len(args) == 1 && !takes || len(args) == 0 && takes && use[0] != '[' {
		return words.Errorf("that is not how %s is used\nhint: %s", cmd.Name(), cmd.UseLine())
	}
	return nil
}

// newSession returns the session at the step that the first argument names, if one does.
func (o *options) newSession(args []string) (*coach.Session, error) {
	root, err := folder.Find()
	if err != nil {
		return nil, err
	}
	s, err := coach.New(run.Workshop{Root: root}, append(args, "")[0])
	if err == nil {
		s.Plain = os.Getenv("NO_COLOR") != "" || !hasScreen()
	}
	return s, err
}

// session does as newSession does, and writes what the learner should know.
func (o *options) session(args []string) (*coach.Session, error) {
	s, err := o.newSession(args)
	if err == nil {
		s.PrintNote(os.Stderr, width())
	}
	return s, err
}
