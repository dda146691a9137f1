package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/spot"
)

// predict asks what the learner's program does, and then the program.
func (o *options) predict(cmd *cobra.Command, args []string) error {
	s, err := o.session(args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		s.ToPassed()
	}
	if err := checkIfOpen(cmd, s); err != nil {
		return err
	}
	round := s.Round()
	if len(round) == 0 {
		coach.Print(cmd.OutOrStdout(), s.NoQuestion(width()))
		return nil
	}
	in := bufio.NewReader(cmd.InOrStdin())
	for _, q := range round {
		coach.Print(cmd.OutOrStdout(), s.Asks(q, width()))
		line, asked := readAnswer(cmd, in, "Yes or no? (y/n)")
		said := line == "y" || line == "yes" || line == "s" || line == "sí" || line == "si"
		if !asked || !said && line != "n" && line != "no" {
			return nil
		}
		answer, err := s.Ask(cmd.Context(), q)
		if err != nil {
			return err
		}
		lines, err := s.Answered(q, said, answer, width())
		coach.Print(cmd.OutOrStdout(), append(append([]string{""}, lines...), ""))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkIfOpen runs the checks of the session's step unless it has passed: it may have passed
// go test, of which the coach knows nothing.
func checkIfOpen(cmd *cobra.Command, s *coach.Session) error {
	if s.Progress.Step(s.Step).Passed {
		return nil
	}
	return runChecks(cmd, s)
}

// readAnswer asks something, and returns the line that comes, in small letters; false if none
// comes, or an empty one.
func readAnswer(cmd *cobra.Command, in *bufio.Reader, question words.Text) (line string, ok bool) {
	fmt.Fprint(cmd.OutOrStdout(), say(question), " ")
	line, _ = in.ReadString('\n')
	line = strings.ToLower(strings.TrimSpace(line))
	if line == "" {
		fmt.Fprintln(cmd.OutOrStdout())
	}
	return line, line != ""
}

// spot asks which attacks get into programs, one after the other, and then attacks them.
func (o *options) spot(cmd *cobra.Command, _ []string) error {
	s, err := o.session(nil)
	if err != nil {
		return err
	}
	if s.Step = spot.Step; !s.MaySpot() {
		if err := checkIfOpen(cmd, s); err != nil {
			return err
		}
	}
	in := bufio.NewReader(cmd.InOrStdin())
	for {
		number := s.NextToSpot()
		if !s.MaySpot() || number < 0 {
			coach.Print(cmd.OutOrStdout(), s.NoSpot(width()))
			return nil
		}
		p, err := s.Suspect(number)
		if err != nil {
			return err
		}
		coach.Print(cmd.OutOrStdout(), append(append(p.Lines(width()), ""), p.Choices([4]bool{}, width())...))
		line, asked := readAnswer(cmd, in, "Which get in? Their numbers, such as 13, or 0 for none:")
		if !asked || strings.Trim(line, "01234, ") != "" {
			return nil
		}
		var said [4]bool
		for i := range said {
			said[i] = strings.Contains(line, fmt.Sprint(i+1))
		}
		into, err := s.Try(cmd.Context(), p)
		if err != nil {
			return err
		}
		lines, err := s.Tried(p, said, into, width())
		coach.Print(cmd.OutOrStdout(), append(append([]string{""}, lines...), ""))
		if err != nil {
			return err
		}
	}
}
