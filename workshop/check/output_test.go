package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOutput: all of it up to the limit, then the first and the last half.
func TestOutput(t *testing.T) {
	var o output
	half := maxOutput / 2
	print := func(letter string, n int) {
		t.Helper()
		written, err := o.Write([]byte(strings.Repeat(letter, n)))
		require.NoError(t, err)
		require.Equal(t, n, written)
	}
	print("a", half-10)
	print("b", 20)
	print("c", half-10)
	whole := strings.Repeat("a", half-10) + strings.Repeat("b", 20) + strings.Repeat("c", half-10)
	assert.Equal(t, whole, o.String())
	assert.Equal(t, maxOutput, o.size())
	assert.Equal(t, whole[7:], o.after(7))
	assert.Equal(t, whole[half+7:], o.after(half+7))

	print("d", 15)
	last := strings.Repeat("c", half-15) + strings.Repeat("d", 15)
	assert.Equal(t, whole[:half]+"\n… 15 bytes left out …\n"+last, o.String())
	assert.Equal(t, maxOutput+15, o.size())
	assert.Equal(t, whole[half-3:half]+last, o.after(half-3))
	assert.Equal(t, last, o.after(half))
	assert.Equal(t, last, o.after(half+15))
	assert.Equal(t, last[1:], o.after(half+16))
	assert.Empty(t, o.after(o.size()))

	print("e", 3*maxOutput)
	assert.Equal(t, strings.Repeat("e", half), o.after(half))
	assert.Contains(t, o.String(), fmt.Sprintf("\n… %d bytes left out …\n", 3*maxOutput+15))
}

// TestQuoteOutput: the last lines, each with a mark, or a panic's first.
func TestQuoteOutput(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "the program printed nothing"},
		{" \r\n\n", "the program printed nothing"},
		{"one\r\ntwo\n", "the program printed:\n  | one\n  | two"},
		{"1\n2\n3\n4\n5\n", "the program printed: (the last 3 of 5 lines)\n  | 3\n  | 4\n  | 5"},
		{"--- PASS: TestAll\n\x1b[1A\x1b[2KPASS", "the program printed:\n  | --- PASS: TestAll\n  | \\u001b[1A\\u001b[2KPASS"},
		{"1\n2\npanic: x\n\ngoroutine 1:\nmain.f()\n\tf.go:3", "the program printed, from its panic on:\n  | panic: x\n  | \n  | goroutine 1:"},
		{"fatal error: x\njwtworkshop/workshop/check.runAsProgram(0x1)\nmore", "the program printed, from its panic on:\n  | fatal error: x"},
		{"fatal error: x\n\nruntime stack:\nruntime.throw()\n\tpanic.go:1\n\ngoroutine 1:\nmain.f()", "the program printed, from its panic on:\n  | fatal error: x\n  | \n  | goroutine 1:"},
		{"no panic: x", "the program printed:\n  | no panic: x"},
	} {
		assert.EqualValues(t, tc.want, quoteOutput(tc.text, 3))
	}
}

// TestMeanwhile: of a panic that Gin has recovered from, what it says and where in the
// step it was; the folder of these tests stands for a step's.
func TestMeanwhile(t *testing.T) {
	const gin = "here\n\x1b[31m2026/11/24 17:17:10 [Recovery] 2026/11/24 - 17:17:10 panic recovered:\r\nno %s\n" +
		"/go/src/runtime/panic.go:336 (0x45729d)\n\tpanicmem: panic(memoryError)\n"
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"one\n\ntwo\n", []string{"one\n", "two\n"}},
		{strings.Repeat("x\n", 9), slices.Repeat([]string{"x\n"}, 8)},
		{"panic recovered: no coffee", []string{"panic recovered: no coffee"}},
		{gin + "C:/steps/check/jwt.go:7 (0x12)\n\t(*server).f: u.Name\n/b/check/main.go:9 (0x13)\n\tmain: f()\n",
			[]string{"here\n", "panic recovered: no %s", "jwt.go:7: (*server).f: u.Name"}},
		{gin, []string{"here\n", "panic recovered: no %s", "/go/src/runtime/panic.go:336 (0x45729d)\n", "\tpanicmem: panic(memoryError)\n"}},
	} {
		assert.Equal(t, tc.want, meanwhile(tc.text))
	}
}

// TestPrintable: what would move the cursor, hide or reorder text is spelled out.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain ñ 日本 text\r\n":    "plain ñ 日本 text",
		"a\tb":                   "a b",
		"\x1b]0;title\x07":       `\u001b]0;title\u0007`,
		"one\rtwo\nthree\bx":     `one\u000dtwo\u000athree\u0008x`,
		"\u202eabc\u200b\ufeff":  `\u202eabc\u200b\ufeff`,
		"\xff\u009b1m\x00":       `\ufffd\u009b1m\u0000`,
		strings.Repeat("ñ", 20):  strings.Repeat("ñ", 20),
		strings.Repeat("ñ", 21):  strings.Repeat("ñ", 20) + "…",
		strings.Repeat("\n", 25): "",
	} {
		assert.Equal(t, want, printable(text, 20))
	}
}
