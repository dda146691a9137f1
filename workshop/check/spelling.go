package check

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// How bytes may be spelled, so many of them that a piece of a secret can be among them.
var (
	hexRun     = regexp.MustCompile(`[0-9a-fA-F]{16,}`)
	hexList    = regexp.MustCompile(`(?:0x)?[0-9a-fA-F]{2}(?:[ ,:]+(?:0x)?[0-9a-fA-F]{2}){7,}`)
	decimals   = regexp.MustCompile(`\d{1,3}(?:[ ,]+\d{1,3}){7,}`)
	base64Run  = regexp.MustCompile(`[A-Za-z0-9+/_-]{11,}`)
	backslash  = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^ux])`)
	percent    = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	separators = strings.NewReplacer("0x", "", " ", "", ",", "", ":", "")
	standard64 = strings.NewReplacer("-", "+", "_", "/")
)

// readings returns text as it stands, without the escapes of JSON and Go, of URLs and of
// HTML, and what is spelled in it, in hexadecimal, base64 or decimal numbers.
func readings(text string) []string {
	all := []string{text}
	if strings.Contains(text, `\`) {
		all = append(all, backslash.ReplaceAllStringFunc(text, unescape))
	}
	if strings.Contains(text, "%") {
		all = append(all, percent.ReplaceAllStringFunc(strings.ReplaceAll(text, "+", " "), func(s string) string { return fromHex(s[1:]) }))
	}
	if strings.Contains(text, "&") {
		all = append(all, html.UnescapeString(text))
	}
	for _, text := range all {
		for _, run := range hexRun.FindAllString(text, -1) {
			all = append(all, fromHex(run), fromHex(run[1:]))
		}
		for _, list := range hexList.FindAllString(text, -1) {
			all = append(all, fromHex(separators.Replace(list)))
		}
		for _, list := range decimals.FindAllString(text, -1) {
			var bytes []byte
			for _, number := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' }) {
				n, _ := strconv.Atoi(number)
				bytes = append(bytes, byte(n))
			}
			all = append(all, string(bytes))
		}
		for _, run := range base64Run.FindAllString(text, -1) {
			run = standard64.Replace(run)
			for from := range 4 {
				part := run[from:]
				decoded, _ := base64.RawStdEncoding.DecodeString(part[:len(part)-len(part)%4])
				all = append(all, string(decoded))
			}
		}
	}
	return all
}

// unescape returns what an escape with a backslash stands for.
func unescape(escape string) string {
	if text, _, _, err := strconv.UnquoteChar(escape, '"'); err == nil {
		return string(text)
	}
	return escape[1:]
}

// fromHex returns the bytes that hexadecimal digits stand for; a last digit that is alone
// stands for none.
func fromHex(digits string) string {
	decoded, _ := hex.DecodeString(digits[:len(digits)/2*2])
	return string(decoded)
}
