package sandbox

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// filterFD is the file from which bubblewrap reads the filter of system calls.
const filterFD = 9

// architectures are what seccomp(2) calls the processors that filter knows.
var architectures = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}

// filter returns a filter for seccomp(2) that refuses what namespaces do not hold: sockets of other families than
// those of this computer's programs and of the internet (a virtual machine may reach its host by AF_VSOCK), rings
// of io_uring, which keep files that nobody sees, watches on files and contexts of aio, of which whoever grades has
// no more than Linux gives to all that he runs, and the system calls of another architecture. It is nil for a
// processor that it does not know.
func filter() []byte {
	architecture, known := architectures[runtime.GOARCH]
	if !known {
		return nil
	}
	const (
		number, arch, firstArgument = 0, 4, 16 // where they stand in struct seccomp_data
		load                        = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		isEqual                     = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		isAtLeast                   = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		end                         = unix.BPF_RET | unix.BPF_K
		x32                         = 0x40000000 // the numbers of an amd64's other system calls
	)
	// Jt and Jf are how many lines are left out if it is so, and if not.
	refuse := unix.SockFilter{Code: end, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	allow := unix.SockFilter{Code: end, K: unix.SECCOMP_RET_ALLOW}
	lines := []unix.SockFilter{
		{Code: load, K: arch},
		{Code: isEqual, Jt: 1, K: architecture},
		refuse,
		{Code: load, K: number},
		{Code: isAtLeast, Jf: 1, K: x32},
		refuse,
	}
	calls := []uint32{unix.SYS_IO_URING_SETUP, unix.SYS_IO_SETUP, unix.SYS_INOTIFY_INIT1, unix.SYS_FANOTIFY_INIT}
	if runtime.GOARCH == "amd64" {
		calls = append(calls, 253) // inotify_init, which later architectures do without
	}
	for _, refused := range calls {
		lines = append(lines, unix.SockFilter{Code: isEqual, Jf: 1, K: refused}, refuse)
	}
	lines = append(lines,
		unix.SockFilter{Code: isEqual, Jt: 1, K: unix.SYS_SOCKET},
		allow,
		unix.SockFilter{Code: load, K: firstArgument},
		unix.SockFilter{Code: isEqual, Jt: 3, K: unix.AF_UNIX},
		unix.SockFilter{Code: isEqual, Jt: 2, K: unix.AF_INET},
		unix.SockFilter{Code: isEqual, Jt: 1, K: unix.AF_INET6},
		unix.SockFilter{Code: isEqual, Jf: 1, K: unix.AF_NETLINK},
		allow,
		refuse,
	)
	var text bytes.Buffer
	binary.Write(&text, binary.NativeEndian, lines)
	return text.Bytes()
}

// giveFilter has a command that starts bubblewrap, perhaps through others, find the filter. It returns a function
// to be called when the command has started, or could not be.
func giveFilter(cmd *exec.Cmd) (done func(), err error) {
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer to.Close()
	if _, err := to.Write(filter()); err != nil { // it is shorter than any pipe
		from.Close()
		return nil, err
	}
	for len(cmd.ExtraFiles) <= filterFD-3 {
		cmd.ExtraFiles = append(cmd.ExtraFiles, nil)
	}
	cmd.ExtraFiles[filterFD-3] = from
	return func() { from.Close() }, nil
}

// filterArgs are those with which bubblewrap reads the filter.
var filterArgs = []string{"--seccomp", strconv.Itoa(filterFD)}
