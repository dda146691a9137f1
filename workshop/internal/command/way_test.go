package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/run"
)

// A save is what a learner has changed in a file of the step since the last save: for
// each text, what stands in its place now.
type save struct {
	file    string
	changes []string // old, new, old, new
	done    string   // the signs of the TODOs after it: ✓, ✗, ·
}

// ways are how a learner comes through the steps, save by save, with mistakes on the way.
var ways = map[string][]save{
	"01-setup": {
		{"jwt.go", []string{"import \"time\"", "import (\n\t\"errors\"\n\t\"time\"\n)", todo(1), "\tif secret == \"\" {\n\t\treturn nil, errors.New(\"JWT_SECRET_KEY is not set; \" + howToMakeASecret)\n\t}\n"}, "✗✗✗·"},
		{"jwt.go", []string{"\"errors\"\n", "\"errors\"\n\t\"fmt\"\n", "\treturn []byte(\"super-secret\"), nil", "\tif len(secret) < minSecretBytes || secret == placeholder {\n\t\treturn nil, fmt.Errorf(\"JWT_SECRET_KEY has %d bytes, need %d; %s\", len(secret), minSecretBytes, howToMakeASecret)\n\t}\n\treturn []byte(secret), nil"}, "✓✗✗·"},
		{"jwt.go", []string{todo(2), "\tif expires == \"\" {\n\t\treturn 15 * time.Minute, nil\n\t}\n\tlifetime, err := time.ParseDuration(expires)\n", "\treturn 0, nil", "\tif err != nil {\n\t\treturn 0, fmt.Errorf(\"JWT_ACCESS_TOKEN_EXPIRES: %w\", err)\n\t}\n\treturn lifetime, nil"}, "✓✗✗·"},
		{"jwt.go", []string{"if err != nil {\n\t\treturn 0, fmt.Errorf(\"JWT_ACCESS_TOKEN_EXPIRES: %w\", err)", "if err != nil || lifetime < time.Second {\n\t\treturn 0, fmt.Errorf(\"JWT_ACCESS_TOKEN_EXPIRES: %q will not do\", expires)"}, "✓✓✗·"},
		{"database.go", []string{todo(3), "\tif path != \"\" {\n\t\tpanic(\"not yet\")\n\t}\n"}, "✓✓✗·"},
		{"database.go", []string{"\tif path != \"\" {\n\t\tpanic(\"not yet\")\n\t}\n", "\tdb, err := gorm.Open(sqlite.Open(path))\n\tif err != nil {\n\t\treturn nil, fmt.Errorf(\"open %s: %w\", path, err)\n\t}\n\tif err := db.AutoMigrate(&User{}); err != nil {\n\t\treturn nil, err\n\t}\n", "\treturn gorm.Open(sqlite.Open(\":memory:\"))", "\treturn db, addFirstUser(db)", "import (\n", "import (\n\t\"fmt\"\n\n"}, "✓✓·✗"},
		{"database.go", []string{todo(4), "\thash, err := bcrypt.GenerateFromPassword([]byte(\"12341234\"), bcrypt.DefaultCost)\n\tif err != nil {\n\t\treturn err\n\t}\n\tdb.Create(&User{Username: \"ada\", PasswordHash: string(hash)})\n", "\t\"gorm.io/gorm\"\n", "\t\"golang.org/x/crypto/bcrypt\"\n\t\"gorm.io/gorm\"\n"}, "✓✓✓✗"},
		{"database.go", []string{"\thash, err :=", "\tvar n int64\n\tif err := db.Model(&User{}).Count(&n).Error; err != nil || n > 0 {\n\t\treturn err\n\t}\n\thash, err :=", "\tdb.Create(&User{Username: \"ada\", PasswordHash: string(hash)})\n\treturn nil", "\treturn db.Create(&User{Username: \"ada\", PasswordHash: string(hash)}).Error"}, "✓✓✓✓"},
	},
	"02-token-endpoint": {
		{"token.go", []string{todo(1), "\tvar in credentials\n\tif err := c.ShouldBindJSON(&in); err != nil {\n\t\tc.JSON(http.StatusBadRequest, gin.H{\"msg\": \"no\"})\n\t\treturn\n\t}\n"}, "·✗✗·"},
		{"token.go", []string{todo(2), "\tvar user User\n\terr := s.db.Where(\"username = ?\", in.Username).First(&user).Error\n\tif err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {\n\t\tinternalError(c, err)\n\t\treturn\n\t}\n\tif bcrypt.CompareHashAndPassword([]byte(user.PasswordHash), []byte(in.Password)) != nil {\n\t\tc.JSON(http.StatusUnauthorized, gin.H{\"msg\": badLogin})\n\t\treturn\n\t}\n", "\t\"github.com/gin-gonic/gin\"\n", "\t\"github.com/gin-gonic/gin\"\n\t\"golang.org/x/crypto/bcrypt\"\n\t\"gorm.io/gorm\"\n", "import (\n", "import (\n\t\"errors\"\n"}, "·✗✗·"},
		{"token.go", []string{"\tif bcrypt.Compare", "\tif len(in.Password) > maxPasswordBytes || bcrypt.Compare"}, "··✗·"},
		{"token.go", []string{todo(3), "\ttoken, err := s.jwt.createAccessToken(user.ID)\n\tif err != nil {\n\t\tinternalError(c, err)\n\t\treturn\n\t}\n\tc.Header(\"Cache-Control\", \"no-store\")\n\tc.JSON(http.StatusOK, gin.H{\"token\": token, \"user_id\": user.ID})\n", "\t// Delete this line when you are done.\n\tc.JSON(http.StatusNotImplemented, gin.H{\"msg\": \"postToken is not finished\"})\n", ""}, "✓✓✓✗"},
		{"token.go", []string{todo(4), "\tclaims := jwt.MapClaims{\"sub\": fmt.Sprint(userID), \"iat\": time.Now().Unix(), \"exp\": time.Now().Add(m.lifetime).Unix()}\n", "\treturn \"\", nil", "\treturn jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(string(m.key))", "\t\"net/http\"\n", "\t\"fmt\"\n\t\"net/http\"\n\t\"time\"\n", "\t\"golang.org/x/crypto/bcrypt\"\n", "\t\"github.com/golang-jwt/jwt/v5\"\n\t\"golang.org/x/crypto/bcrypt\"\n"}, "✓✓✓✗"},
		{"token.go", []string{"SignedString(string(m.key))", "SignedString(m.key)"}, "✓✓✓✓"},
	},
	"03-protected": {
		{"protected.go", []string{todo(1), "\t\twords := strings.Fields(c.GetHeader(\"Authorization\"))\n\t\tif len(words) == 0 {\n\t\t\trefuse(c, \"Missing Authorization Header\", \"\")\n\t\t\treturn\n\t\t}\n\t\tif len(words) != 2 || words[0] != \"Bearer\" {\n\t\t\trefuse(c, \"Want: Bearer and a token\", \"\")\n\t\t\treturn\n\t\t}\n", "\t\"net/http\"\n", "\t\"net/http\"\n\t\"strings\"\n"}, "·✗✗✗"},
		{"protected.go", []string{todo(2), "\t\ttoken, err := jwt.Parse(words[1], func(*jwt.Token) (any, error) { return s.jwt.key, nil }, jwt.WithValidMethods([]string{\"HS256\"}), jwt.WithExpirationRequired())\n\t\tif errors.Is(err, jwt.ErrTokenExpired) {\n\t\t\trefuse(c, \"Token has expired\", \"invalid_token\")\n\t\t\treturn\n\t\t}\n\t\tif err != nil {\n\t\t\trefuse(c, \"Invalid token\", \"invalid_token\")\n\t\t\treturn\n\t\t}\n\t\t_ = token\n", "import (\n", "import (\n\t\"errors\"\n", "\t\"github.com/gin-gonic/gin\"\n", "\t\"github.com/gin-gonic/gin\"\n\t\"github.com/golang-jwt/jwt/v5\"\n"}, "··✗✗"},
		{"protected.go", []string{todo(3), "\t\tsubject, _ := token.Claims.GetSubject()\n\t\tid, err := strconv.ParseUint(subject, 10, 63)\n\t\tvar user User\n\t\tif err == nil {\n\t\t\terr = s.db.Take(&user, id).Error\n\t\t\tif err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {\n\t\t\t\tinternalError(c, err)\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t\tif err != nil {\n\t\t\trefuse(c, \"Invalid token\", \"invalid_token\")\n\t\t\treturn\n\t\t}\n\t\tc.Set(\"ada\", user)\n", "\t\t_ = token\n", "", "\t\t// Delete this line when you are done.\n\t\tc.AbortWithStatusJSON(http.StatusNotImplemented, gin.H{\"msg\": \"jwtRequired is not finished\"})\n", "", "\t\"strings\"\n", "\t\"strconv\"\n\t\"strings\"\n", "\t\"github.com/golang-jwt/jwt/v5\"\n", "\t\"github.com/golang-jwt/jwt/v5\"\n\t\"gorm.io/gorm\"\n"}, "···✗"},
		{"protected.go", []string{todo(4), "\tuser := jwtIdentity(c)\n\tc.JSON(http.StatusOK, gin.H{\"id\": user.ID, \"username\": user.Username})\n", "\t// Delete this line when you are done.\n\tc.JSON(http.StatusNotImplemented, gin.H{\"msg\": \"getProtected is not finished\"})\n", ""}, "···✗"},
		{"protected.go", []string{"c.Set(\"ada\", user)", "c.Set(identityKey, user)"}, "✗✓✓✓"},
		{"protected.go", []string{"words[0] != \"Bearer\"", "!strings.EqualFold(words[0], \"Bearer\")"}, "✓✓✓✓"},
	},
	"04-frontend": {
		{"web/app.js", []string{todo(1), "  const resp = await fetch(\"/token\", { method: \"POST\", headers: { \"Content-Type\": \"application/json\" }, body: JSON.stringify({ username, password }) });\n  if (!resp.ok) throw new Error(\"There was a problem in the login request\");\n  const data = await resp.json();\n  localStorage.setItem(tokenKey, data.token);\n  return data;\n", "  // Delete this line when you are done.\n  throw new Error(\"login is not finished\");\n", ""}, "✗✗✗"},
		{"web/app.js", []string{todo(3), "  localStorage.removeItem(tokenKey);\n", "  // Delete this line when you are done.\n  throw new Error(\"logout is not finished\");\n", ""}, "✗✗·"},
		{"web/app.js", []string{"  const resp = await", "  let resp, data;\n  try {\n  resp = await", "  if (!resp.ok) throw new Error(\"There was a problem in the login request\");\n  const data = await resp.json();\n", "  data = resp.ok ? await resp.json() : null;\n  } catch { throw new Error(\"There was a problem in the login request\"); }\n  if (resp.status === 401) throw new Error(\"Invalid credentials\");\n  if (resp.status === 400) throw new Error(\"Invalid email or password format\");\n  if (!data || !data.token) throw new Error(\"There was a problem in the login request\");\n"}, "✓✗·"},
		{"web/app.js", []string{todo(2), "  const token = localStorage.getItem(tokenKey);\n  if (!token) throw new Error(\"Missing or invalid token\");\n  let resp, data;\n  try {\n  resp = await fetch(\"/protected\", { headers: { Authorization: `Bearer ${token}` } });\n  data = resp.ok ? await resp.json() : null;\n  } catch { throw new Error(\"Unknown error\"); }\n  if ([401, 403, 422].includes(resp.status)) {\n    localStorage.removeItem(tokenKey);\n    throw new Error(\"Missing or invalid token\");\n  }\n  if (!data) throw new Error(\"Unknown error\");\n  return data;\n", "  // Delete this line when you are done.\n  throw new Error(\"getMyTasks is not finished\");\n", ""}, "✓✓✓"},
	},
}

// todo stands for the comment that is a TODO.
func todo(number int) string { return "TODO " + string(rune('0'+number)) }

// todoLine matches a comment that is a TODO, with its number.
var todoLine = regexp.MustCompile(`(?m)^\s*// (TODO \d): .*\n`)

// signLine matches what the coach shows of a TODO.
var signLine = regexp.MustCompile(`(?m)^([✓✗·]) \d  `)

// TestWay: on a learner's way through a step, a ✓ that was there stays, and there are all
// at the end. That takes a build and all checks at each save, so only where CI is set.
func TestWay(t *testing.T) {
	if os.Getenv("CI") == "" {
		t.Skip("it takes half a minute; set CI to run it")
	}
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	for _, step := range course.Steps {
		t.Run(step, func(t *testing.T) {
			session, err := coach.New(run.Workshop{Root: dir}, step)
			require.NoError(t, err)
			last := ""
			for i, save := range ways[step] {
				save.write(t, filepath.Join(dir, "steps", step, filepath.FromSlash(save.file)))
				require.NoError(t, session.Run(t.Context(), func(int, int) {}))
				require.Empty(t, session.Result.Compile, "save %d", i+1)
				signs := signsOf(session)
				assert.Equal(t, save.done, signs, "save %d: %s", i+1, session.Result.Failed)
				for n := range strings.Split(last, "") {
					if strings.Split(last, "")[n] == "✓" {
						assert.Equal(t, "✓", strings.Split(signs, "")[n], "save %d: TODO %d was done", i+1, n+1)
					}
				}
				last = signs
			}
			assert.True(t, session.Result.OK())
		})
	}
}

// write makes the changes in a file.
func (s save) write(t *testing.T, file string) {
	t.Helper()
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(before)
	for i := 0; i < len(s.changes); i += 2 {
		old, new := s.changes[i], s.changes[i+1]
		if strings.HasPrefix(old, "TODO ") {
			for _, m := range todoLine.FindAllStringSubmatch(text, -1) {
				if m[1] == old {
					old = m[0]
				}
			}
		}
		require.Equal(t, 1, strings.Count(text, old), "%s", old)
		text = strings.Replace(text, old, new, 1)
	}
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

// signsOf returns the signs of the step's TODOs, as the coach shows them.
func signsOf(session *coach.Session) string {
	var out bytes.Buffer
	session.Show(&out, 100)
	signs := ""
	for _, m := range signLine.FindAllStringSubmatch(out.String(), -1) {
		signs += m[1]
	}
	return signs
}
