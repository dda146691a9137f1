//go:build !windows

package words

// interfaceLanguage is for Windows: elsewhere the environment says it.
func interfaceLanguage() string { return "" }
