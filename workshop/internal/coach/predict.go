package coach

import (
	"context"
	"errors"
	"slices"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/predict"
)

// perRound is how many new questions are asked at once.
const perRound = 2

// Round returns the questions to ask now: those on earlier steps that were answered wrongly, and
// new ones on this step; if there are neither, those on this step that were answered wrongly.
func (s *Session) Round() []predict.Question {
	var round, again []predict.Question
	fresh := 0
	for _, step := range course.Steps[:s.stepNumber()+1] {
		for _, q := range predict.Of(step) {
			right, answered := s.Progress.Answers[q.Name]
			switch {
			case right || !s.Progress.Step(step).Passed:
			case answered && step == s.Step:
				again = append(again, q)
			case answered:
				round = append(round, q)
			case step == s.Step && fresh < perRound:
				round = append(round, q)
				fresh++
			}
		}
	}
	if len(round) == 0 {
		return again
	}
	return round
}

// NoQuestion says why there is none.
func (s *Session) NoQuestion(width int) []string {
	why := words.Text("You have answered all questions on what your program does, up to this step.")
	if !s.Progress.Step(s.Step).Passed {
		why = words.Textf("Questions on a step come when it passes, and not before. What is left of it:\n    go run ./workshop check %s", s.Step)
	}
	return wrap(say(why), width)
}

// ToPassed goes to the last step before the session's that passes, or to one behind it, if the
// session's does not pass and there is one.
func (s *Session) ToPassed() {
	passes := func(step string) bool { return s.Progress.Step(step).Passed }
	before := slices.Clone(course.Steps[:s.stepNumber()+1])
	slices.Reverse(before)
	for _, step := range slices.Concat(before, course.Steps) {
		if passes(step) {
			s.Step = step
			return
		}
	}
}

// Asks returns a question as it is shown.
func (s *Session) Asks(q predict.Question, width int) []string {
	lines := wrap(bold.Render(say(words.Textf("What does your program of %s do? Say it first; then it is started and asked.", "steps/"+q.Step))), width)
	return append(append(lines, ""), wrap(say(q.Asks), width)...)
}

// Builds returns why the learner's program of a step cannot be asked anything, nil if it builds.
func (s *Session) Builds(ctx context.Context, step string) error {
	program, err := s.Workshop.Build(ctx, step)
	if err != nil {
		return err
	}
	program.Remove()
	return nil
}

// Ask has the learner's program answer a question.
func (s *Session) Ask(ctx context.Context, q predict.Question) (predict.Answer, error) {
	program, err := s.Workshop.Build(ctx, q.Step)
	if err != nil {
		return predict.Answer{}, err
	}
	defer program.Remove()
	return q.Ask(ctx, program.Dir, func(ctx context.Context, secret, database string) (string, func(), string, error) {
		i, err := program.Start(ctx, secret, database)
		var ended *run.EndedError
		if errors.As(err, &ended) {
			return "", nil, ended.Said, nil
		}
		if err != nil {
			return "", nil, "", err
		}
		return i.URL, i.Stop, "", nil
	})
}

// Answered returns what the learner has said and what the program has done, and remembers
// whether that is the same.
func (s *Session) Answered(q predict.Question, said bool, answer predict.Answer) (Page, error) {
	page := func(width int) []string { return answered(q, said, answer, width) }
	if answer.Yes != q.Usual {
		return page, nil // it teaches nothing of what is usual
	}
	return page, s.remember(q.Name, said == answer.Yes)
}

// answered returns what was said and what the program has done.
func answered(q predict.Question, said bool, answer predict.Answer, width int) []string {
	name := map[bool]words.Text{true: "yes", false: "no"}
	heading := good.Render(say(words.Textf("You said %s, and so it is.", name[said])))
	if said != answer.Yes {
		heading = bad.Render(say(words.Textf("You said %s. It is %s.", name[said], name[answer.Yes])))
	}
	lines := append(wrap(bold.Render(heading), width), "")
	for _, e := range answer.Exchanges {
		lines = append(lines, hang("  "+say(e.Did)+": "+code.Render(say(e.Came)), width, 6)...)
	}
	lines = append(lines, "")
	if answer.Yes != q.Usual {
		return append(lines, wrap(say(words.Textf("The task asks for something else than what your program does here:\n    go run ./workshop check %s", q.Step)), width)...)
	}
	reason := say(q.Reason)
	if said != answer.Yes {
		reason = say(q.Belief) + " " + reason
	}
	return append(lines, wrap(reason, width)...)
}

// remember remembers whether an answer was right.
func (s *Session) remember(question string, right bool) error {
	return s.update(func(p *progress.Progress) {
		if p.Answers == nil {
			p.Answers = map[string]bool{}
		}
		p.Answers[question] = right
	})
}
