package coach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// framesPerSecond is how often the screen is drawn anew, if it has changed: looking whether it
// has is most of what the coach does between saves.
const framesPerSecond = 10

// Watch shows the coach on the terminal until the learner quits. A value on saved says
// that a file was saved.
func Watch(ctx context.Context, session *Session, saved <-chan string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	session.keyboard = true
	s := &screen{session: session, ctx: ctx, saved: saved, width: 80, height: 24}
	_, err := tea.NewProgram(s, tea.WithContext(ctx), tea.WithFPS(framesPerSecond)).Run()
	s.stop()
	s.back()
	s.working.Lock() // when the run that was under way has removed its files
	if ctx.Err() != nil {
		return nil // it was told to end
	}
	if err == nil {
		fmt.Println(say("Until next time. go run ./workshop goes on where you are."))
	}
	return err
}

// A screen is the coach on a terminal.
type screen struct {
	session *Session
	ctx     context.Context
	saved   <-chan string

	width, height int
	page          Page                     // what is shown in place of the coach: a hint, the list, the lesson
	choices       Page                     // what the learner may answer to it, if it asks something
	keys          words.Text               // and with which keys
	answer        func(key string) tea.Cmd // what an answer does
	leave         context.CancelFunc       // ends the work for which the page waits, if it does
	from          int                      // the first line of it, or of the coach, that is shown
	last          int                      // the highest that it can be
	room          int                      // how many are shown

	prepared  map[string]bool // the steps whose checks are compiled
	done, all int             // packages compiled, while they are
	running   int             // the number of the run whose result is waited for, 0 for none
	runs      int
	cancel    context.CancelFunc // of that run
	progress  chan [2]int
	working   sync.Mutex // held by the run that is under way; for good when the coach ends
	err       error      // why the checks could not be run
}

// Messages of a screen.
type (
	savedMsg    string // the step of which a file was saved
	progressMsg [2]int
	resultMsg   struct {
		run    int
		step   string
		result *run.Result
		err    error
	}
	editedMsg struct{ err error } // the editor has ended, or could not be started
	earlyMsg  struct {            // before the checks that take time
		run    int
		result *run.Result
	}
	doneMsg struct { // the work for which a page waits
		ctx  context.Context // ended if nobody waits any more
		then func()
	}
)

// Init begins with a run of the checks.
func (s *screen) Init() tea.Cmd { return tea.Batch(s.check(), s.waitForSave()) }

// waitForSave waits for the next save.
func (s *screen) waitForSave() tea.Cmd {
	return func() tea.Msg {
		if step, ok := <-s.saved; ok {
			return savedMsg(step)
		}
		return nil
	}
}

// stop ends the run that is under way.
func (s *screen) stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.running = 0
}

// check begins a run of the checks, in the place of one that is under way.
func (s *screen) check() tea.Cmd {
	s.stop()
	ctx, cancel := context.WithCancel(s.ctx)
	s.runs++
	s.cancel, s.running, s.err = cancel, s.runs, nil
	number, step, prepared := s.runs, s.session.Step, s.prepared[s.session.Step]
	told := make(chan [2]int, 1)
	s.progress = told
	early := make(chan *run.Result, 1)
	work := func() tea.Msg {
		s.working.Lock()
		defer s.working.Unlock()
		defer cancel()
		defer close(told)
		defer close(early)
		if ctx.Err() != nil { // overtaken before it began
			return resultMsg{number, step, nil, ctx.Err()}
		}
		if !prepared {
			err := s.session.Workshop.Prepare(ctx, step, func(done, all int) {
				select {
				case told <- [2]int{done, all}:
				default:
				}
			})
			if err != nil {
				return resultMsg{number, step, nil, err}
			}
		}
		result, err := s.session.Workshop.Check(ctx, step, false, func(r *run.Result) { early <- r })
		return resultMsg{number, step, result, err}
	}
	waitForEarly := func() tea.Msg {
		if r, ok := <-early; ok {
			return earlyMsg{number, r}
		}
		return nil
	}
	return tea.Batch(work, s.waitForProgress(), waitForEarly)
}

// waitForProgress waits for the next word on how many packages are compiled.
func (s *screen) waitForProgress() tea.Cmd {
	told := s.progress
	return func() tea.Msg {
		if p, ok := <-told; ok {
			return progressMsg(p)
		}
		return nil
	}
}

// Update does what a message asks for.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case progressMsg:
		s.done, s.all = msg[0], msg[1]
		return s, s.waitForProgress()
	case savedMsg:
		if string(msg) != s.session.Step {
			return s, s.waitForSave()
		}
		return s, tea.Batch(s.check(), s.waitForSave())
	case earlyMsg:
		if msg.run == s.running {
			s.session.replace(msg.result)
		}
	case resultMsg:
		s.take(msg)
	case doneMsg:
		if msg.ctx.Err() == nil {
			s.back()
			msg.then()
		}
	case editedMsg:
		if msg.err != nil {
			s.session.Note = say(words.Textf("The editor cannot be started: %s", msg.err.Error()))
		}
	case tea.KeyPressMsg:
		return s, s.press(msg.String())
	}
	return s, nil
}

// take takes in the result of a run, if it is the one that is waited for.
func (s *screen) take(msg resultMsg) {
	if msg.run != s.running {
		return
	}
	s.running, s.all = 0, 0
	s.err = msg.err
	if msg.err != nil {
		return
	}
	if s.prepared == nil {
		s.prepared = map[string]bool{}
	}
	s.prepared[msg.step] = true
	if s.session.Result != nil && !s.session.Result.Early {
		s.session.Note = "" // it has been there for a whole check, and takes the room of what fails
	}
	s.err = errors.Join(s.session.Take(msg.result), s.session.Count(time.Now()))
}

// What the learner is told or asked when a step does not pass.
const (
	notYet  words.Text = "This step does not pass yet. To work on another:\n    go run ./workshop watch STEP"
	Confirm words.Text = "The step does not pass yet. Do you want to see the finished code all the same? (y/n)"
)

// press does what a key is for.
func (s *screen) press(key string) tea.Cmd {
	if utf8.RuneCountInString(key) == 1 {
		key = strings.ToLower(key) // Caps Lock
	}
	if key == "ctrl+c" || key == "q" && s.page == nil {
		s.stop()
		return tea.Quit
	}
	if s.scroll(key) {
		return nil
	}
	if answer := s.answer; answer != nil {
		s.back()
		return answer(key)
	}
	s.session.Note = ""
	s.from = 0
	onPage := s.page != nil
	s.back()
	if onPage && !slices.Contains([]string{"h", "l", "o", "s"}, key) { // these open a page from each other
		return nil
	}
	switch key {
	case "h":
		s.show(s.session.Hint())
	case "l":
		s.show(s.session.List, nil)
	case "o":
		text, err := course.Lesson(s.session.Workshop.Root, s.session.Step)
		s.show(func(width int) []string { return Markdown(text, width) }, err)
	case "s":
		if s.session.MayShow() {
			s.show(s.session.Solution())
			break
		}
		s.show(paragraph(Confirm), nil)
		s.ask(nil, "y: yes   any other key goes back", func(key string) tea.Cmd {
			if isYes(key) {
				s.show(s.session.Solution())
			}
			return nil
		})
	case "n":
		if !s.session.Progress.Step(s.session.Step).Passed {
			s.session.Note = say(notYet)
		} else if s.session.Next() {
			return s.check()
		}
	case "e":
		if cmd := s.session.edit(); cmd != nil {
			return tea.ExecProcess(cmd, func(err error) tea.Msg { return editedMsg{err} })
		}
	case "p":
		return s.predict(s.session.Round())
	case "x":
		return s.spot()
	case "r":
		return s.check()
	}
	return nil
}

// show shows lines in the place of the coach.
func (s *screen) show(page Page, err error) {
	s.page, s.from = page, 0
	if err != nil {
		s.page = func(width int) []string { return hang(bad.Render(folder.WithWayOut(err).Error()), width, 4) }
	}
}

// scroll moves the page, and says whether the key is for that.
func (s *screen) scroll(key string) bool {
	switch key {
	case "home":
		s.from = 0
	case "end":
		s.from = s.last
	case "down", "j":
		s.from++
	case "up", "k":
		s.from--
	case "pgdown", "space":
		s.from += s.room
	case "pgup":
		s.from -= s.room
	default:
		return false
	}
	s.from = max(0, min(s.from, s.last))
	return true
}
