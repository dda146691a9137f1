package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// keyringTest has this test binary be one of the processes of TestApart.
const keyringTest = "JWTWORKSHOP_TEST_KEYRING"

// TestMain lets the test binary be another program.
func TestMain(m *testing.M) {
	switch os.Getenv(keyringTest) {
	case "instructor": // with a key in the keyring of the session; what it executes has that, too
		runtime.LockOSThread()
		if err := joinKeyring(); err != nil {
			fmt.Println("no keyrings:", err)
			os.Exit(0)
		}
		if _, err := unix.AddKey("user", "jwtworkshop-test", []byte("secret"), unix.KEY_SPEC_SESSION_KEYRING); err != nil {
			fmt.Println("no keyrings:", err)
			os.Exit(0)
		}
		os.Setenv(keyringTest, "checks")
		if os.Getenv("APART") == "no" {
			os.Setenv(keyringTest, "looks")
		}
		fmt.Println(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
		os.Exit(1)
	case "checks":
		Apart()
		fallthrough
	case "looks":
		_, err := unix.KeyctlSearch(unix.KEY_SPEC_SESSION_KEYRING, "user", "jwtworkshop-test", 0)
		fmt.Println("found:", err == nil)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestApart: whoever was started apart, and what that starts, has no key of whoever has started it.
func TestApart(t *testing.T) {
	look := func(apart string) string {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), keyringTest+"=instructor", "APART="+apart)
		printed, err := cmd.CombinedOutput()
		require.NoError(t, err, string(printed))
		return string(printed)
	}
	said := look("no")
	if said != "found: true\n" {
		t.Skip(said)
	}
	assert.Equal(t, "found: false\n", look("yes"))
}
