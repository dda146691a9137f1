package words

import "golang.org/x/sys/windows"

// interfaceLanguage returns the language in which Windows speaks to the user.
func interfaceLanguage() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
