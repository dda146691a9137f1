package check

import (
	"os"
	"path/filepath"
	"strings"
)

// What no program may print or answer, and how a watch finds pieces of it in a text.

// A window is so many bytes of a secret that stand in a text by no accident: of random
// hexadecimal digits, four do, and eight do not.
type window [8]byte

// What a secret is called.
const (
	secretName   Text = "the signing secret"
	passwordName Text = "a password"
	hashName     Text = "the hash of a password"
	tokenName    Text = "a token"
)

// keep has the watch look for pieces of a secret from now on; what is shorter than a piece
// is none.
func (w *watch) keep(name Text, secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range len(secret) - len(window{}) + 1 {
		w.secrets[window([]byte(secret[i:]))] = name
	}
}

// publish has the watch look no longer for what is in text.
func (w *watch) publish(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range len(text) - len(window{}) + 1 {
		w.public[window([]byte(text[i:]))] = true
	}
}

// publishFiles has the watch look no longer for what everybody can read: in the page of a step
// that has one, which says how to log in, and in .env.example.
func (w *watch) publishFiles() {
	files, _ := filepath.Glob(filepath.Join("web", "*"))
	if root, err := Root(); err == nil {
		files = append(files, filepath.Join(root, ".env.example"))
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			w.publish(string(text))
		}
	}
}

// keepHash has the watch look for what is secret of a bcrypt hash: what comes behind its
// cost.
func (w *watch) keepHash(hash string) {
	if parts := strings.SplitN(hash, "$", 4); len(parts) == 4 {
		w.keep(hashName, parts[3])
	}
}

// keepToken has the watch look for what is secret of a token: all but its header.
func (w *watch) keepToken(token string) {
	if _, rest, ok := strings.Cut(token, "."); ok {
		w.keep(tokenName, rest)
	}
}

// find returns the first piece of a secret that text holds, in whatever spelling, and what
// it is a piece of; the piece is as long as can be.
func (w *watch) find(text string) (name Text, piece string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, reading := range readings(text) {
		if hash := hashShape.FindString(reading); hash != "" { // of a user whom nobody has told the checks of
			return hashName, hash
		}
		for i := range len(reading) - len(window{}) + 1 {
			name, found := w.at(reading, i)
			if !found {
				continue
			}
			end := i + 1
			for _, more := w.at(reading, end); more; _, more = w.at(reading, end) {
				end++
			}
			return name, reading[i : end+len(window{})-1]
		}
	}
	return "", ""
}

// at says whether a piece of a secret begins at the i-th byte of text.
func (w *watch) at(text string, i int) (name Text, found bool) {
	if i+len(window{}) > len(text) {
		return "", false
	}
	piece := window([]byte(text[i : i+len(window{})]))
	name, found = w.secrets[piece]
	return name, found && !w.public[piece]
}

// hide returns the line of text that holds a piece of a secret, with the secret's name in
// its place, unless it is spelled in another way.
func hide(text string, name Text, piece string) string {
	for line := range strings.Lines(text) {
		if _, found := watched.find(line); found != "" {
			return strings.ReplaceAll(line, piece, "<"+name.String()+">")
		}
	}
	return text
}
