package main

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
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
	built := map[string]bool{}
	for _, q := range round {
		if !built[q.Step] { // before it is asked: code that does not compile answers nothing
			if err := s.Builds(cmd.Context(), q.Step); err != nil {
				return err
			}
			built[q.Step] = true
		}
		coach.Print(cmd.OutOrStdout(), s.Asks(q, width()))
		line := readAnswer(cmd, in, "Yes or no? (y/n)", yesOrNo)
		if line == "" {
			return nil
		}
		said := line[0] != 'n'
		answer, err := s.Ask(cmd.Context(), q)
		if err != nil {
			return err
		}
		page, err := s.Answered(q, said, answer)
		coach.Print(cmd.OutOrStdout(), append(append([]string{""}, page(width())...), ""))
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

// What may be answered.
var (
	yesOrNo = regexp.MustCompile(`^(y|yes|s|si|sí|n|no)$`)
	numbers = regexp.MustCompile(`^[0-4][0-4, ]*$`)
)

// readLine reads a line, until there is one or ctx is done.
func readLine(ctx context.Context, in *bufio.Reader) (line string, err error) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		line, err = in.ReadString('\n')
	}()
	select {
	case <-read:
		return line, err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readAnswer asks something until a line comes that is an answer, and returns it in small
// letters; "" if an empty one comes, or none.
func readAnswer(cmd *cobra.Command, in *bufio.Reader, question words.Text, answers *regexp.Regexp) string {
	for {
		coach.Ask(cmd.OutOrStdout(), question, width())
		line, err := readLine(cmd.Context(), in)
		line = strings.ToLower(strings.TrimSpace(line))
		if line == "" {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		if line == "" || answers.MatchString(line) {
			return line
		}
		if err != nil {
			return ""
		}
	}
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
		line := readAnswer(cmd, in, "Which get in? Their numbers, such as 13, or 0 for none:", numbers)
		if line == "" {
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
		page, err := s.Tried(p, said, into)
		coach.Print(cmd.OutOrStdout(), append(append([]string{""}, page(width())...), ""))
		if err != nil {
			return err
		}
	}
}
