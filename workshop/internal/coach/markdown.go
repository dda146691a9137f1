package coach

import (
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
)

var (
	inlineCode = regexp.MustCompile("`` .+? ``|`[^`]+`")
	strong     = regexp.MustCompile(`\*\*([^*]+)\*\*|\b__([^_]+)__\b`)
	emphasis   = regexp.MustCompile(`\*([^\s*][^*]*)\*|\b_([^\s_][^_]*)_\b`)
	link       = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	listItem   = regexp.MustCompile(`^(\s*(?:[-*+]|\d+[.)]) +)`)
	comment    = regexp.MustCompile(`(?ms)^<!--.*?-->\n|[ \n]?<!--.*?-->`) // a line of its own, or in a text
	folded     = regexp.MustCompile(`</?(?:details|summary)>`)
)

// Markdown returns a text of the lessons or hints as lines for the terminal. It knows
// what those use: headings, paragraphs, lists, quotes, tables and code.
func Markdown(text string, width int) []string {
	var lines, paragraph []string
	indent := 0
	flush := func() {
		if len(paragraph) > 0 {
			lines = append(lines, hang(inline(strings.Join(paragraph, " ")), width, indent)...)
		}
		paragraph, indent = nil, 0
	}
	fenced, drawing := false, false
	text = folded.ReplaceAllString(comment.ReplaceAllString(text, ""), "")
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, "\r ")
		switch item := listItem.FindString(line); {
		case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"):
			flush()
			fenced, drawing = !fenced, line == "```mermaid"
		case drawing: // for those who can draw it
		case fenced:
			for _, part := range hang("    "+strings.ReplaceAll(line, "\t", "    "), width, 8) {
				lines = append(lines, code.Render(part))
			}
		case line == "":
			flush()
			if len(lines) > 0 && lines[len(lines)-1] != "" {
				lines = append(lines, "")
			}
		case strings.HasPrefix(line, "#"):
			flush()
			lines = append(lines, bold.Underline(strings.HasPrefix(line, "# ")).Render(inline(strings.TrimLeft(line, "# "))))
		case strings.HasPrefix(line, "|"):
			flush()
			if strings.Trim(line, "|-: ") != "" {
				lines = append(lines, hang(inline(strings.Trim(line, "| ")), width, 4)...)
			}
		case item != "":
			flush()
			indent = lipgloss.Width(item)
			paragraph = []string{line}
		default:
			paragraph = append(paragraph, strings.TrimSpace(line))
		}
	}
	flush()
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// inline styles what stands in a line.
func inline(text string) string {
	text = link.ReplaceAllString(text, "$1")
	text = strong.ReplaceAllStringFunc(text, func(s string) string { return bold.Render(strings.Trim(s, "*_")) })
	var line strings.Builder
	end := 0
	for _, at := range inlineCode.FindAllStringIndex(text, -1) {
		span := text[at[0]:at[1]]
		inside, isDouble := strings.CutPrefix(span, "`` ")
		if isDouble {
			inside = strings.TrimSuffix(inside, " ``")
		} else {
			inside = strings.Trim(span, "`")
		}
		line.WriteString(emphasis.ReplaceAllString(text[end:at[0]], "$1$2"))
		line.WriteString(code.Render(inside))
		end = at[1]
	}
	line.WriteString(emphasis.ReplaceAllString(text[end:], "$1$2"))
	return line.String()
}
