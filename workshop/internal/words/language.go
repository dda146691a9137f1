package words

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

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

// Language returns the name of the language to use, such as es: the one that is asked for,
// if one is; else the one that was kept in this folder; else that of the environment, as
// programs do that follow POSIX (LC_ALL, LC_MESSAGES, LANG); else that of the system's user
// interface. It is "" if nothing says it.
func Language(asked, folder string, getenv func(string) string) string {
	if asked != "" {
		return Base(asked)
	}
	if kept, err := os.ReadFile(keptIn(folder)); err == nil && len(bytes.TrimSpace(kept)) > 0 { // a full disk leaves an empty one
		return strings.TrimSpace(string(kept))
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			return Base(value)
		}
	}
	return Base(interfaceLanguage())
}

// Base returns the language of a locale: es of es_MX.UTF-8, of es-MX or of ES, and en of C and
// POSIX, which are English.
func Base(locale string) string {
	if locale == "C" || locale == "POSIX" || strings.HasPrefix(locale, "C.") {
		return "en"
	}
	end := strings.IndexAny(locale, "_-.@")
	if end < 0 {
		end = len(locale)
	}
	return strings.ToLower(locale[:end])
}

// Keep has Language return this name from now on, where none is asked for.
func Keep(language, folder string) error {
	file := keptIn(folder)
	if kept, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(kept)) == language {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(language+"\n"), 0o644)
}

// keptIn is the file for the language that was chosen before.
func keptIn(folder string) string { return filepath.Join(folder, "language") }
