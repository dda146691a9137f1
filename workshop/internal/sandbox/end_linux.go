package sandbox

import (
	"os"
	"path/filepath"
	"runtime"
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
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // this thread becomes that user, alone, and ends with this function
		uid := uintptr(s.UID)
		if _, _, errno := syscall.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); errno != 0 {
			return
		}
		rings := []int{unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_USER_SESSION_KEYRING}
		if kept, err := unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, unix.KEY_SPEC_PROCESS_KEYRING, 0, 0); err == nil {
			rings = append(rings, kept) // for three days, without this
		}
		for _, ring := range rings {
			unix.KeyctlInt(unix.KEYCTL_CLEAR, ring, 0, 0, 0)
		}
	}()
	<-done
}

// endAll ends all processes of the user that programs are. Each is stopped first, so that none starts
// another, or ends who would end it; that is done by this process, whom they cannot end, until none is left.
func (s *Sandbox) endAll() {
	for range 1000 {
		var left []int
		for _, pid := range s.ofUser() {
			if syscall.Kill(pid, syscall.SIGSTOP) == nil && len(threads(pid)) > 0 {
				left = append(left, pid)
			}
		}
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
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
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/run/shm"} {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if owner, ok := ownerOf(path); ok && owner == uint32(s.UID) {
				paths = append(paths, path)
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
