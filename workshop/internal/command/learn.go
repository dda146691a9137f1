package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/run"
)

// width returns the width of the terminal, or that of lines without one.
func width() int {
	if w, _, err := term.GetSize(os.Stdout.Fd()); err == nil && w > 0 {
		return w
	}
	return 80
}

// isWatched says whether somebody looks at what is printed and has a keyboard.
func isWatched() bool { return term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd()) }

// hasScreen says whether that is on a terminal that can be drawn on.
func hasScreen() bool {
	return isWatched() && os.Getenv("TERM") != "dumb" && os.Getenv(plainly) == ""
}

// otherLanguages says at the first start how to change the language, in each of them.
const otherLanguages = "English: go run ./workshop --lang en\nEspañol: go run ./workshop --lang es"

// plainly is the variable that asks for lines in place of a screen, as watch --plain does, for
// whoever has a screen read aloud.
const plainly = "JWTWORKSHOP_PLAIN"

// begin is the command without a name: it watches where somebody looks, and checks once where
// nobody does.
func (o *options) begin(cmd *cobra.Command, args []string) error {
	if isWatched() || os.Getenv(plainly) != "" {
		return o.watch(cmd, args)
	}
	return o.check(cmd, args)
}

// watch checks the step at every save.
func (o *options) watch(cmd *cobra.Command, args []string) error {
	s, err := o.newSession(args)
	if err != nil {
		return err
	}
	made, err := coach.MakeEnv(s.Workshop.Root)
	if err != nil {
		return err
	}
	if made {
		s.Note = say("A file .env with a secret of your own was made: go run ./steps/… reads it.") + "\n" + otherLanguages
	}
	saved := coach.Saves(cmd.Context(), s.Workshop)
	if plain, _ := cmd.Flags().GetBool("plain"); !plain && hasScreen() {
		return coach.Watch(cmd.Context(), s, saved)
	}
	return coach.WatchPlain(cmd.Context(), s, saved, cmd.OutOrStdout(), width())
}

// printPage prints a page, if there is one, and returns err.
func printPage(cmd *cobra.Command, page coach.Page, err error) error {
	if page != nil {
		coach.Print(cmd.OutOrStdout(), page(width()))
	}
	return err
}

// list shows the steps.
func (o *options) list(cmd *cobra.Command, args []string) error {
	s, err := o.session(nil)
	if err == nil {
		coach.Print(cmd.OutOrStdout(), s.List(width()))
	}
	return err
}

// runChecks runs the checks of the session's step, and shows on a terminal how much has
// to be compiled first.
func runChecks(cmd *cobra.Command, s *coach.Session) error {
	terminal := term.IsTerminal(os.Stderr.Fd())
	told := false
	err := s.Run(cmd.Context(), func(done, all int) {
		switch {
		case terminal && done > 0:
			fmt.Fprintf(cmd.ErrOrStderr(), "\r"+say("Compiling the libraries: %d of %d packages"), done, all)
			told = true
		case done > 0 && !told:
			fmt.Fprintf(cmd.ErrOrStderr(), say("Compiling the libraries: %d of %d packages")+"\n", done, all)
			told = true
		}
	})
	if terminal && told {
		fmt.Fprintln(cmd.ErrOrStderr())
	}
	return err
}

// check checks a step once.
func (o *options) check(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	if stretch, _ := cmd.Flags().GetBool("stretch"); stretch {
		s.Stretch = true
	}
	if err := runChecks(cmd, s); err != nil {
		return err
	}
	if err := s.Count(time.Now()); err != nil {
		return err
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		text, err := json.MarshalIndent(struct {
			Step string `json:"step"`
			OK   bool   `json:"ok"`
			*run.Result
		}{s.Step, s.Result.OK(), s.Result}, "", "\t")
		if err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), string(text))
	} else {
		s.Show(cmd.OutOrStdout(), width())
	}
	if !s.Result.OK() {
		return errFails
	}
	return nil
}

// hint shows the next hint.
func (o *options) hint(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	if err := runChecks(cmd, s); err != nil {
		return err
	}
	hint, err := s.Hint()
	return printPage(cmd, hint, err)
}

// lesson shows the lesson.
func (o *options) lesson(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	text, err := course.Lesson(s.Workshop.Root, s.Step)
	coach.Print(cmd.OutOrStdout(), coach.Markdown(text, width()))
	return err
}

// solution compares the learner's code with the finished code.
func (o *options) solution(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	if yes, _ := cmd.Flags().GetBool("yes"); !yes && !s.MayShow() {
		coach.Ask(cmd.OutOrStdout(), coach.Confirm, width())
		answer, _ := readLine(cmd.Context(), bufio.NewReader(cmd.InOrStdin()))
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes", "s", "sí", "si":
		default:
			fmt.Fprintln(cmd.OutOrStdout())
			return nil
		}
	}
	differences, err := s.Solution()
	return printPage(cmd, differences, err)
}

// reset puts a step back to how it was at first.
func (o *options) reset(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	lines, err := s.Reset(width())
	coach.Print(cmd.OutOrStdout(), lines)
	return err
}
