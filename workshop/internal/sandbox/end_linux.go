package sandbox

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"jwtworkshop/workshop/internal/folder"
)

// End ends what programs have left running, and removes what they have left in the folders for
// everybody.
func (s *Sandbox) End() {
	if s.Rung != User {
		return // it ended with the program, and was in its own folders
	}
	s.endAll()
	for _, path := range s.public() {
		folder.RemoveAll(path)
	}
	s.removeIPC()
	s.clearKeys()
}

// clearKeys takes all out of the kernel's keyrings of the user that programs are: keyrings(7).
func (s *Sandbox) clearKeys() {
	s.asUser(s.UID, func() {
		rings := []int{unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_USER_SESSION_KEYRING}
		if kept, err := unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, unix.KEY_SPEC_PROCESS_KEYRING, 0, 0); err == nil {
			rings = append(rings, kept) // for three days, without this
		}
		for _, ring := range rings {
			unix.KeyctlInt(unix.KEYCTL_CLEAR, ring, 0, 0, 0)
		}
	})
}

// endAll ends all processes of the user that programs are, at once: kill(2) with -1 lets none start another
// meanwhile, and however quickly one takes the place of another, there is one that it ends. A thread does that which
// has become that user, but for its real user and its saved one, who are nobody's: so they cannot end it.
func (s *Sandbox) endAll() {
	nobody, err := unusedUID()
	if err != nil {
		nobody = s.UID
	}
	s.asUser(nobody, func() {
		for range 1000 {
			if _, _, errno := syscall.RawSyscall(unix.SYS_KILL, ^uintptr(0), uintptr(syscall.SIGKILL), 0); errno != 0 {
				return // there are none
			}
			if !slices.ContainsFunc(s.ofUser(), func(pid int) bool { return len(threads(pid)) > 0 }) {
				return // but for those that nobody has waited for
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// asUser calls a function in a thread that has become the user that programs are, alone, and ends with it; its real
// user and its saved one are another, or the same.
func (s *Sandbox) asUser(real int, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, errno := syscall.RawSyscall(unix.SYS_SETRESUID, uintptr(real), uintptr(s.UID), uintptr(real)); errno == 0 {
			f()
		}
	}()
	<-done
}

// ofUser returns the processes of the user that programs are.
func (s *Sandbox) ofUser() (pids []int) {
	processes, _ := os.ReadDir("/proc")
	for _, p := range processes {
		if owner, ok := ownerOf(filepath.Join("/proc", p.Name())); ok && owner == uint32(s.UID) {
			if pid, err := strconv.Atoi(p.Name()); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// public returns what belongs to the user that programs are, in the folders for everybody.
func (s *Sandbox) public() (paths []string) {
	dirs := []string{os.TempDir(), "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/run/shm"}
	for i := 0; i < len(dirs) && i < 1000; i++ {
		entries, _ := os.ReadDir(dirs[i])
		for _, entry := range entries {
			path := filepath.Join(dirs[i], entry.Name())
			owner, ok := ownerOf(path)
			switch {
			case ok && owner == uint32(s.UID):
				paths = append(paths, path)
			case entry.IsDir(): // for everybody, too, such as /tmp/.X11-unix?
				if info, err := entry.Info(); err == nil && info.Mode()&0o002 != 0 {
					dirs = append(dirs, path)
				}
			}
		}
	}
	return paths
}

// removeIPC removes the shared memory, the queues and the semaphores of System V that programs have left:
// proc_sysvipc(5).
func (s *Sandbox) removeIPC() {
	for kind, owner := range map[string]int{"shm": 7, "msg": 7, "sem": 4} {
		text, _ := os.ReadFile("/proc/sysvipc/" + kind)
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) <= owner || fields[owner] != strconv.Itoa(s.UID) {
				continue
			}
			id, err := strconv.Atoi(fields[1])
			switch {
			case err != nil:
			case kind == "shm":
				unix.SysvShmCtl(id, unix.IPC_RMID, nil)
			case kind == "msg":
				syscall.Syscall(unix.SYS_MSGCTL, uintptr(id), unix.IPC_RMID, 0)
			default:
				syscall.Syscall6(unix.SYS_SEMCTL, uintptr(id), 0, unix.IPC_RMID, 0, 0, 0)
			}
		}
	}
}
