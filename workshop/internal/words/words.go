// Package words has the texts of the coach, in the learner's language.
package words

import (
	"fmt"
	"strings"
)

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
	BeginWith  string
	OneFails   string
	ManyFail   string // how many
	Fails      string // how many, beside a TODO
	Unjudged   string
	NoCompile  string
	KnownError string // message
	Stretch    string // step
	Keys       [7][2]string
	Back       string
	More       string // keys to scroll

	HintOf      string // number, of all, TODO, its title
	HintEarlier string // how many
	NoHint      string
	NoMoreHints string
	AllDone     string
	Confirm     string // before a solution is shown
	NoDiff      string
	Yours       string
	Finished    string
	ResetDone   string // step, folder of the backup
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

	Doctor [8][2]string // what is looked at: Go, modules, compiler, browser, port, writing, network, .env
	Fine   string

	Commands map[string]string // what each does
	Help     map[string]string // headings of cobra's help, by cobra's own

	AttackRefused string
	AttackLetIn   string
	AttackOdd     string
	AttackSum     string            // refused, of all
	Attacks       map[string]string // by their names
	Hint          string            // label of a way out
}

// English and Spanish are the languages of the coach.
var (
	English = Words{
		Title:      "JWT workshop",
		StepOf:     "Step %d of %d: %s",
		TodosDone:  "%d of %d TODOs",
		StepNames:  [4]string{"Setup", "Token endpoint", "Protected", "Front end"},
		Checking:   "checking …",
		AllPass:    "All checks of this step pass.",
		NextKey:    "n goes on to the next step.",
		NextStep:   "To go on: go run ./workshop watch %s",
		NotYet:     "This step does not pass yet. To work on another: go run ./workshop watch STEP",
		LastStep:   "That was the last step: you have built all of it.",
		BeginWith:  "Begin with this one:",
		OneFails:   "1 check fails",
		ManyFail:   "%d checks fail",
		Fails:      "%d to go",
		Unjudged:   "not judged yet",
		NoCompile:  "Your code does not compile. Go says:",
		KnownError: "If you see %s,",
		Stretch:    "For whoever wants more, there are stretch checks: go run ./workshop check --stretch %s",
		Keys:       [7][2]string{{"h", "hint"}, {"n", "next step"}, {"l", "list"}, {"o", "lesson"}, {"s", "solution"}, {"r", "run again"}, {"q", "quit"}},
		Back:       "any other key goes back",
		More:       "↑ ↓ scroll",

		HintOf:      "Hint %d of %d for TODO %d, %s",
		HintEarlier: "(the %d before it: hints.md in the step's folder)",
		NoHint:      "No TODO of this step is open.",
		NoMoreHints: "That was the last hint. The finished code: go run ./workshop solution",
		AllDone:     "done",
		Confirm:     "The step does not pass yet. Do you want to see the finished code all the same? (y/n)",
		NoDiff:      "Your code is the finished code.",
		Yours:       "yours",
		Finished:    "finished",
		ResetDone:   "steps/%s is as it was at first; what you had written is in %s",
		Watching:    "Waiting for you to save a file in steps/%s; Ctrl-C ends.",
		Damaged:     "The file with your progress, %s, could not be read; it is kept as %s, and the count begins anew.",

		ListHeading: "The steps:",
		StatePassed: "passed",
		StateOpen:   "open",

		Preparing: "Compiling the libraries: %d of %d packages",
		EnvMade:   "A file .env with a secret of your own was made: go run ./steps/… reads it.",

		TokenHeader:    "Header, how it is signed:",
		TokenClaims:    "Claims, what it says:",
		TokenAnyone:    "Nothing in it is secret: anyone who has the token can read this.",
		TokenVerifies:  "The signature is good: it was made with the JWT_SECRET_KEY of .env.",
		TokenFalse:     "It would be refused: %s.",
		TokenNoSecret:  "The signature was not looked at: there is no JWT_SECRET_KEY, neither in the environment nor in .env.",
		TokenExpires:   "good until %s, %s from now",
		TokenExpired:   "expired at %s, %s ago",
		TokenNoExpiry:  "no exp: it would never expire",
		TokenFor:       "whose it is: the user with the id %s",
		TokenIssued:    "made at %s",
		TokenNone:      "There is no token: give one, as in go run ./workshop inspect eyJhbGciOi…",
		TokenMalformed: "That is no token: a token has 3 parts with dots between them, and this has %d.",

		Doctor: [8][2]string{
			{"Go", "install a newer one from https://go.dev/dl/"},
			{"libraries", "connect to the internet once, and type: go mod download"},
			{"C compiler", ""},
			{"browser", "for all checks of step 4, install Chromium, Chrome or Edge, or name one with the variable CHROME_PATH"},
			{"port 8080", "end the program that listens there, or set PORT to another number"},
			{"writing here", "move the workshop to a folder of your own"},
			{"network", "none is needed once the libraries are there"},
			{".env", "go run ./workshop makes one"},
		},
		Fine: "fine",
		Commands: map[string]string{
			"workshop":  "A coach for the JWT workshop: where you are, what fails, what to do next",
			"watch":     "Check the step at every save (this is what happens without a command)",
			"list":      "Show the steps, their TODOs and how far you are",
			"check":     "Check a step once; the exit code is 0 if it passes",
			"hint":      "Show the next hint on the first TODO that is open",
			"lesson":    "Show the lesson",
			"solution":  "Compare your code with the finished code",
			"reset":     "Put a step back to how it was at first; what you wrote is kept",
			"inspect":   "Take a token apart",
			"attack":    "Try to get into /protected of your program without a good token",
			"doctor":    "Look for what this computer lacks",
			"help":      "Say more about a command",
			"--lang":    "language, en or es (else that of the environment)",
			"--json":    "print the result as JSON",
			"--stretch": "run the stretch checks, too",
			"--yes":     "show it without a question",
			"--help":    "say how it is used",
		},
		Help: map[string]string{
			"Usage:": "Usage:", "Available Commands:": "Commands:", "Global Flags:": "For all commands:", "Flags:": "Options:",
			"for more information about a command.": "for more about a command.", "Use ": "Type ",
		},
		AttackRefused: "refused",
		AttackLetIn:   "LET IN",
		AttackOdd:     "answered with %d, not 401",
		AttackSum:     "%d of %d attacks were refused. ★ is for whoever wants more.",
		Attacks: map[string]string{
			"no token":             "no token",
			"another scheme":       "the token under another scheme, Basic",
			"a bare token":         "the token without a scheme",
			"token in the address": "the token in the address, ?token=",
			"token in a cookie":    "the token in a cookie",
			"expired":              "exp a minute ago",
			"no exp":               "no exp",
			"exp 0":                "exp 0",
			"nbf tomorrow":         "nbf tomorrow: not good yet",
			"another secret":       "signed with another secret",
			"empty secret":         "signed with an empty secret",
			"alg none":             "not signed, alg none",
			"alg nOnE":             "not signed, alg nOnE",
			"HS512":                "signed with HS512",
			"payload changed":      "another user in the payload, under the old signature",
			"signature removed":    "the signature cut off",
			"no sub":               "no sub",
			"empty sub":            "sub empty",
			"sub a number":         "sub a number, 1",
			"SQL in sub":           "sub 1 OR 1=1",
			"sub no number":        "sub abc",
			"sub nobody":           "sub of nobody",
			"iat tomorrow":         "iat tomorrow ★",
			"aud of another":       "aud of another service ★",
			"exp as text":          "exp as text ★",
			"exp negative":         "exp -1",
		},
		Hint: "hint",
	}

	Spanish = Words{
		Title:      "Taller de JWT",
		StepOf:     "Paso %d de %d: %s",
		TodosDone:  "%d de %d TODO",
		StepNames:  [4]string{"Configuración", "Ruta del token", "Ruta protegida", "Front-end"},
		Checking:   "comprobando …",
		AllPass:    "Todas las comprobaciones de este paso se cumplen.",
		NextKey:    "n lleva al paso siguiente.",
		NextStep:   "Para seguir: go run ./workshop watch %s",
		NotYet:     "Este paso aún no está superado. Para trabajar en otro: go run ./workshop watch PASO",
		LastStep:   "Era el último paso: lo has construido todo.",
		BeginWith:  "Empieza por esta:",
		OneFails:   "1 comprobación falla",
		ManyFail:   "%d comprobaciones fallan",
		Fails:      "faltan %d",
		Unjudged:   "aún sin juzgar",
		NoCompile:  "Tu código no compila. Go dice:",
		KnownError: "Si ves %s:",
		Stretch:    "Para quien quiera más, hay comprobaciones extra: go run ./workshop check --stretch %s",
		Keys:       [7][2]string{{"h", "pista"}, {"n", "paso siguiente"}, {"l", "lista"}, {"o", "lección"}, {"s", "solución"}, {"r", "repetir"}, {"q", "salir"}},
		Back:       "cualquier otra tecla vuelve",
		More:       "↑ ↓ desplazan",

		HintOf:      "Pista %d de %d para TODO %d, %s",
		HintEarlier: "(las %d anteriores: hints.md en la carpeta del paso)",
		NoHint:      "No queda ningún TODO abierto en este paso.",
		NoMoreHints: "Era la última pista. El código terminado: go run ./workshop solution",
		AllDone:     "hecho",
		Confirm:     "El paso aún no está superado. ¿Quieres ver el código terminado de todos modos? (y/n)",
		NoDiff:      "Tu código es el código terminado.",
		Yours:       "tuyo",
		Finished:    "terminado",
		ResetDone:   "steps/%s está como al principio; lo que habías escrito está en %s",
		Watching:    "Esperando a que guardes un archivo en steps/%s; Ctrl-C termina.",
		Damaged:     "El archivo con tu progreso, %s, no se pudo leer; se conserva como %s, y la cuenta empieza de nuevo.",

		ListHeading: "Los pasos:",
		StatePassed: "superado",
		StateOpen:   "abierto",

		Preparing: "Compilando las bibliotecas: %d de %d paquetes",
		EnvMade:   "Se ha creado un archivo .env con un secreto propio: go run ./steps/… lo lee.",

		TokenHeader:    "Cabecera, cómo está firmado:",
		TokenClaims:    "Claims, lo que dice:",
		TokenAnyone:    "Nada de esto es secreto: cualquiera que tenga el token puede leerlo.",
		TokenVerifies:  "La firma es buena: se hizo con la JWT_SECRET_KEY de .env.",
		TokenFalse:     "Sería rechazado: %s.",
		TokenNoSecret:  "La firma no se ha mirado: no hay JWT_SECRET_KEY, ni en el entorno ni en .env.",
		TokenExpires:   "vale hasta %s, quedan %s",
		TokenExpired:   "caducó a las %s, hace %s",
		TokenNoExpiry:  "sin exp: no caducaría nunca",
		TokenFor:       "de quién es: del usuario con el id %s",
		TokenIssued:    "hecho a las %s",
		TokenNone:      "No hay token: da uno, como en go run ./workshop inspect eyJhbGciOi…",
		TokenMalformed: "Eso no es un token: un token tiene 3 partes separadas por puntos, y esto %d.",

		Doctor: [8][2]string{
			{"Go", "instala uno más nuevo de https://go.dev/dl/"},
			{"bibliotecas", "conéctate a internet una vez y escribe: go mod download"},
			{"compilador de C", ""},
			{"navegador", "para todas las comprobaciones del paso 4, instala Chromium, Chrome o Edge, o nombra uno con la variable CHROME_PATH"},
			{"puerto 8080", "termina el programa que escucha ahí, o pon otro número en PORT"},
			{"escribir aquí", "mueve el taller a una carpeta tuya"},
			{"red", "no hace falta una vez que las bibliotecas están"},
			{".env", "go run ./workshop crea uno"},
		},
		Fine: "bien",
		Commands: map[string]string{
			"workshop":  "Acompaña en el taller de JWT: dónde estás, qué falla, qué hacer ahora",
			"watch":     "Comprueba el paso cada vez que guardas (es lo que pasa sin comando)",
			"list":      "Muestra los pasos, sus TODO y hasta dónde has llegado",
			"check":     "Comprueba un paso una vez; el código de salida es 0 si está superado",
			"hint":      "Muestra la siguiente pista del primer TODO abierto",
			"lesson":    "Muestra la lección",
			"solution":  "Compara tu código con el código terminado",
			"reset":     "Deja un paso como estaba al principio; lo que escribiste se conserva",
			"inspect":   "Desmonta un token",
			"attack":    "Intenta entrar en /protected de tu programa sin un token bueno",
			"doctor":    "Busca lo que le falta a este ordenador",
			"help":      "Dice más sobre un comando",
			"--lang":    "idioma, en o es (si no, el del entorno)",
			"--json":    "escribe el resultado como JSON",
			"--stretch": "haz también las comprobaciones extra",
			"--yes":     "muéstralo sin preguntar",
			"--help":    "di cómo se usa",
		},
		Help: map[string]string{
			"Usage:": "Uso:", "Available Commands:": "Comandos:", "Global Flags:": "Para todos los comandos:", "Flags:": "Opciones:",
			"for more information about a command.": "para saber más de un comando.", "Use ": "Escribe ",
		},
		AttackRefused: "rechazado",
		AttackLetIn:   "HA ENTRADO",
		AttackOdd:     "respondido con %d, no con 401",
		AttackSum:     "%d de %d ataques fueron rechazados. ★ es para quien quiera más.",
		Attacks: map[string]string{
			"no token":             "sin token",
			"another scheme":       "el token con otro esquema, Basic",
			"a bare token":         "el token sin esquema",
			"token in the address": "el token en la dirección, ?token=",
			"token in a cookie":    "el token en una cookie",
			"expired":              "exp hace un minuto",
			"no exp":               "sin exp",
			"exp 0":                "exp 0",
			"nbf tomorrow":         "nbf mañana: aún no vale",
			"another secret":       "firmado con otro secreto",
			"empty secret":         "firmado con un secreto vacío",
			"alg none":             "sin firma, alg none",
			"alg nOnE":             "sin firma, alg nOnE",
			"HS512":                "firmado con HS512",
			"payload changed":      "otro usuario en el contenido, con la firma de antes",
			"signature removed":    "la firma cortada",
			"no sub":               "sin sub",
			"empty sub":            "sub vacío",
			"sub a number":         "sub un número, 1",
			"SQL in sub":           "sub 1 OR 1=1",
			"sub no number":        "sub abc",
			"sub nobody":           "sub de nadie",
			"iat tomorrow":         "iat mañana ★",
			"aud of another":       "aud de otro servicio ★",
			"exp as text":          "exp como texto ★",
			"exp negative":         "exp -1",
		},
		Hint: "pista",
	}
)

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
		return nil, fmt.Errorf("there is no language %s\nhint: --lang en or --lang es", language)
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
