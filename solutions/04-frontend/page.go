package main

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"
)

// web holds the page's files. They become part of the program when it is
// compiled, so a change shows after the next go run.
//
//go:embed web
var web embed.FS

// contentSecurityPolicy tells the browser to run the scripts of this program
// and no others, not even one that somebody gets into the page's HTML, and to
// fetch from nowhere else. It keeps no script from leaving for another page.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// getPage answers GET / and GET /:file with a file of the page.
func getPage() gin.HandlerFunc {
	// Windows may have other ideas of these, and a browser runs no script of
	// another type.
	mime.AddExtensionType(".js", "text/javascript; charset=utf-8")
	mime.AddExtensionType(".css", "text/css; charset=utf-8")
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder's name above is no path
	}
	server := http.FileServerFS(files)
	return func(c *gin.Context) {
		c.Header("Content-Security-Policy", contentSecurityPolicy)
		c.Header("X-Content-Type-Options", "nosniff")
		c.Header("Referrer-Policy", "no-referrer")
		c.Header("Cache-Control", "no-cache") // ask again: the file may have changed
		server.ServeHTTP(c.Writer, c.Request)
	}
}
