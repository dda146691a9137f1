package browser

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/grafana/sobek"
)

// send sends a request, to the proxy wherever it is meant to go, and returns a
// promise of the reply.
func (s *sobekPage) send(method, address string, headers [][]string, body string) *sobek.Promise {
	promise, resolve, reject := s.vm.NewPromise()
	s.underWay++
	await := s.proxy.await
	if strings.HasPrefix(address, s.address+sentPath) { // an action's own question
		await = func(int, int) {}
	}
	await(answerHead, +1)
	go func() {
		reply, rest, err := s.exchange(method, address, headers, body)
		s.later(func() {
			defer await(answerHead, -1)
			if err != nil {
				reject(sobek.Undefined())
				return
			}
			reply["body"] = s.read(rest)
			resolve(reply)
		})
	}()
	return promise
}

// read returns a promise of the text of a reply's body, which may come later than the rest.
func (s *sobekPage) read(body io.ReadCloser) *sobek.Promise {
	promise, resolve, reject := s.vm.NewPromise()
	s.underWay++
	s.proxy.await(answerBody, +1)
	go func() {
		defer body.Close()
		text, err := io.ReadAll(io.LimitReader(body, 1<<20))
		s.later(func() {
			defer s.proxy.await(answerBody, -1)
			if err != nil {
				reject(s.vm.NewTypeError("Failed to fetch"))
				return
			}
			resolve(string(text))
		})
	}()
	return promise
}

// forbiddenHeader matches the names of headers that a browser lets no script set (Fetch §2.2.2).
var forbiddenHeader = regexp.MustCompile(`(?i)^(accept-(charset|encoding)|access-control-request-(headers|method)|connection|content-length|cookie|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|(proxy|sec)-.*)$`)

// exchange sends a request, and returns the reply and what its body can be read from.
func (s *sobekPage) exchange(method, address string, headers [][]string, body string) (map[string]any, io.ReadCloser, error) {
	path, own := strings.CutPrefix(address, s.address)
	elsewhere := ""
	if !own {
		u, err := url.Parse(address)
		if err != nil {
			return nil, nil, err
		}
		elsewhere, path = u.Scheme+"://"+u.Host, u.RequestURI()
	}
	r, err := http.NewRequest(method, s.address+path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for _, pair := range headers {
		if len(pair) == 2 && !forbiddenHeader.MatchString(pair[0]) {
			r.Header.Set(pair[0], pair[1])
		}
	}
	kind := "basic"
	if elsewhere != "" {
		r.Header.Set(elsewhereHeader, elsewhere)
		kind = "cors"
	}
	got, err := s.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	var list [][]string
	for name, values := range got.Header {
		list = append(list, []string{name, strings.Join(values, ", ")})
	}
	return map[string]any{
		"status": got.StatusCode, "statusText": strings.TrimSpace(strings.TrimPrefix(got.Status, strconv.Itoa(got.StatusCode))), "headers": list,
		"url": address, "redirected": got.Request.URL.String() != r.URL.String(), "type": kind,
	}, got.Body, nil
}

// parseURL takes a URL apart, or returns null if it is none.
func (s *sobekPage) parseURL(text, base string) any {
	u, err := url.Parse(strings.TrimSpace(text))
	if err == nil && base != "" {
		var b *url.URL
		if b, err = url.Parse(base); err == nil {
			u = b.ResolveReference(u)
		}
	}
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil
	}
	if u.Path == "" {
		u.Path = "/"
	}
	hash, search := u.EscapedFragment(), u.RawQuery
	if hash != "" {
		hash = "#" + hash
	}
	if search != "" {
		search = "?" + search
	}
	return map[string]any{
		"href": u.String(), "origin": u.Scheme + "://" + u.Host, "protocol": u.Scheme + ":",
		"host": u.Host, "hostname": u.Hostname(), "port": u.Port(),
		"pathname": u.EscapedPath(), "search": search, "hash": hash, "credentials": u.User != nil,
	}
}

// toBase64 encodes a text of which each character is a byte.
func toBase64(text string) string {
	var bytes []byte
	for _, r := range text {
		bytes = append(bytes, byte(r))
	}
	return base64.StdEncoding.EncodeToString(bytes)
}

// fromBase64 decodes to a text of which each character is a byte, or to null.
func fromBase64(text string) any {
	bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	var b strings.Builder
	for _, c := range bytes {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// toInts returns bytes as numbers: JavaScript has bytes in base64 otherwise.
func toInts(bytes []byte) []int {
	var numbers []int
	for _, b := range bytes {
		numbers = append(numbers, int(b))
	}
	return numbers
}
