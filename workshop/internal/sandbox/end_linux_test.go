package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestClearKeys: no key of the user that programs are outlives them.
func TestClearKeys(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	uid, err := unusedUID()
	require.NoError(t, err)
	as := func(f func() error) error { // as that user, on a thread that ends with it
		done := make(chan error)
		go func() {
			runtime.LockOSThread()
			if _, _, errno := syscall.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
				done <- errno
				return
			}
			done <- f()
		}()
		return <-done
	}
	search := func() error {
		_, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", "jwtworkshop-test", 0)
		return err
	}
	persistent := func() int { // 0 where Linux has none
		ring, _ := unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, unix.KEY_SPEC_PROCESS_KEYRING, 0, 0)
		return ring
	}
	searchPersistent := func() error {
		_, err := unix.KeyctlSearch(persistent(), "user", "jwtworkshop-test", 0)
		return err
	}
	err = as(func() error {
		if ring := persistent(); ring != 0 {
			if _, err := unix.AddKey("user", "jwtworkshop-test", []byte("secret"), ring); err != nil {
				return err
			}
		}
		_, err := unix.AddKey("user", "jwtworkshop-test", []byte("secret"), unix.KEY_SPEC_USER_KEYRING)
		return err
	})
	if err != nil {
		t.Skip("no keyrings: ", err)
	}
	require.NoError(t, as(search))
	(&Sandbox{Rung: User, UID: uid}).clearKeys()
	assert.Error(t, as(search))
	assert.Error(t, as(searchPersistent))
}

// TestEnd: what the user that programs are has left in the folders for everybody, and in those within, goes; what is
// another's stays.
func TestEnd(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	uid, err := unusedUID()
	require.NoError(t, err)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	within := filepath.Join(temp, ".X11-unix")
	require.NoError(t, os.Mkdir(within, 0o700))
	require.NoError(t, os.Chmod(within, 0o777|os.ModeSticky))
	for _, dir := range []string{temp, within} {
		for _, name := range []string{"left", "another's"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		require.NoError(t, os.Chown(filepath.Join(dir, "left"), uid, uid))
	}
	sleeps := exec.Command("sleep", "60")
	sleeps.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	require.NoError(t, sleeps.Start())
	(&Sandbox{Rung: User, UID: uid}).End()
	assert.EqualError(t, sleeps.Wait(), "signal: killed")
	for _, dir := range []string{temp, within} {
		assert.NoFileExists(t, filepath.Join(dir, "left"))
		assert.FileExists(t, filepath.Join(dir, "another's"))
	}
}
