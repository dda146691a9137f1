package sandbox

import (
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// apart is set in the environment of a process that Apart has started anew.
const apart = "JWTWORKSHOP_APART"

// Apart keeps from what this program starts the files that whoever grades had open when it was started, and
// starts it anew, in the same process, with a keyring of its own: what it starts has no keys of his, and leaves
// none with him. (keyrings(7): a thread's keyring is that of what the thread executes.) It returns if that has
// been done, or cannot be.
func Apart() {
	closeOthers()
	if os.Getenv(apart) != "" {
		os.Unsetenv(apart)
		return
	}
	self, err := os.Executable()
	if err != nil {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if joinKeyring() != nil {
		return // the kernel has none, or the container forbids it to all
	}
	syscall.Exec(self, os.Args, append(os.Environ(), apart+"=yes"))
}

// closeOthers has all files but standard input, output and error close when something is executed.
func closeOthers() {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	open, _ := os.ReadDir("/proc/self/fd") // before Linux 5.11
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// joinKeyring gives this thread a keyring of its own, without a name: keyctl(2).
func joinKeyring() error {
	if _, _, errno := syscall.Syscall(unix.SYS_KEYCTL, unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// Secretive keeps other processes of the same user from this one's memory and environment.
func Secretive() { unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
