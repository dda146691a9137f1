// Package words holds the texts that the coach shows, in the learner's language.
package words

import "strings"

// Words are the texts of the coach in one language. A text with %d or %s in it is for
// fmt.Sprintf.
type Words struct {
	Title      string // what the coach is called at the top of the screen
	StepOf     string // number, of all, name
	TodosDone  string // done, of all
	StepNames  [4]string
	Checking   string
	AllPass    string
	NextKey    string // how to go on after a step
	NextStep   string // the same without keys: the step
	NotYet     string // n was pressed too early
	LastStep   string // after the last one
	TryFirst   string // before the command that starts the program
	Bye        string
	BeginWith  string
	OneFails   string
	ManyFail   string // how many
	Fails      string // how many, beside a TODO
	Unjudged   string
	RightSoFar string // the TODO with which the rest can be judged
	Behind     string // the TODO that comes before
	NotNow     string // beside a TODO that was done
	AsItWas    string // below the TODOs, while the program does not run
	Incomplete string // nothing fails, but not all was judged

	OneUnjudged  string // before the reason
	ManyUnjudged string // how many, before the reason

	NoCompile  string
	Missing    string // file, step
	KnownError string // message
	Stretch    string // step
	Keys       [7][2]string
	Back       string // to leave a page
	BackOther  string // the same, where some keys scroll
	More       string // keys to scroll

	HintOf      string // number, of all, TODO, its title
	HintEarlier string
	NoHint      string
	NoMoreHints string
	Confirm     string // before a solution is shown
	NoDiff      string
	Yours       string
	Finished    string
	ResetDone   string // step, before the folder of the backup
	ResetBack   string // after it: step
	Watching    string // step
	Damaged     string // file, file

	ListHeading string
	StatePassed string
	StateOpen   string

	Preparing string // done, of all
	EnvMade   string

	TokenHeader    string
	TokenClaims    string
	TokenAnyone    string
	TokenVerifies  string
	TokenFalse     string // why not
	TokenNoSecret  string
	TokenExpires   string // when, in how long
	TokenExpired   string // when, how long ago
	TokenNoExpiry  string
	TokenFor       string // subject
	TokenIssued    string // when
	TokenNone      string
	TokenMalformed string
	TokenWrong     [7]string // expired, not yet, a claim is missing, the signature, a claim of another type, damaged, no algorithm
	TokenAlgorithm string    // which it is not
	TokenPart      string    // number of the part that is no JSON
	TokenFrom      string    // when
	TokenFar       string    // exp
	Days           string    // how many

	Doctor [8][2]string // what is looked at: Go, modules, compiler, browser, port, writing, network, .env
	Fine   string

	Commands map[string]string // what each does
	Help     map[string]string // words of cobra's help, by cobra's own
	Args     map[string]string // what commands take, by what it is in English

	AttackRefused string
	AttackLetIn   string
	AttackOdd     string
	AttackSum     string            // refused, of all
	Attacks       map[string]string // by their names
	Hint          string            // label of a way out

	Downloading string            // module
	Compiling   string            // done, of all
	Problems    map[string]string // errors, by what they are in English
}

// Option returns what the arguments of a program give as --lang, or "".
func Option(args []string) string {
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

// Choose returns the words in a language, en or es. Without one, the environment
// decides, as programs do that follow POSIX: LC_ALL, LC_MESSAGES, LANG.
func Choose(language string, getenv func(string) string) (*Words, error) {
	switch language {
	case "en":
		return &English, nil
	case "es":
		return &Spanish, nil
	case "":
	default:
		return nil, Problemf("there is no language %s\nhint: --lang en or --lang es", language)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if strings.HasPrefix(value, "es") {
				return &Spanish, nil
			}
			break
		}
	}
	return &English, nil
}
