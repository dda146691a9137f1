package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// try returns the sandbox of a rung, if the machine has it: it is tried.
func try(rung Rung) (*Sandbox, error) {
	switch rung {
	case Bubblewrap:
		var err error
		for _, filters := range []bool{true, false} { // not every Linux has filters of system calls
			for _, s := range []*Sandbox{
				{Proc: true, Single: true},
				{Proc: true},   // an old bubblewrap cannot forbid further namespaces
				{Single: true}, // where /proc is masked, as in many containers, none may be mounted
				{},
			} {
				s.Rung, s.Filter = rung, filters && filter() != nil
				if err = s.try(); err == nil {
					return s, nil
				}
			}
		}
		return nil, err
	case User:
		if os.Geteuid() != 0 {
			return nil, words.Errorf("the checks are not run by root")
		}
		uid, err := unusedUID()
		if err != nil {
			return nil, err
		}
		s := &Sandbox{Rung: rung, UID: uid, IPC: true}
		err = s.try()
		if err != nil {
			s.IPC = false // most containers refuse it
			err = s.try()
		}
		return s, err
	}
	return &Sandbox{Rung: None}, nil
}

// try starts a program that does nothing, as others are started.
func (s *Sandbox) try() error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := s.Give(dir); err != nil {
		return err
	}
	inner := s.command(Box{Dir: dir, Env: os.Environ(), Folders: []string{dir}, Files: []string{"/bin", "/usr", "/lib", "/lib64"}}, "/bin/true")
	cmd := s.Checks(inner.Path, inner.Args[1:]...)
	if s.Filter {
		done, err := giveFilter(cmd)
		if err != nil {
			return err
		}
		defer done()
	}
	if printed, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w %s", err, bytes.TrimSpace(printed))
	}
	return nil
}

// unusedUID returns the number of a user whom nobody is. It is a low one: the numbers of a
// container may end at 65535.
func unusedUID() (int, error) {
	used := map[uint32]bool{}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, p := range processes {
		if owner, ok := ownerOf(filepath.Join("/proc", p.Name())); ok {
			used[owner] = true
		}
	}
	for range 100 {
		uid := 20_000 + rand.IntN(40_000)
		if _, err := user.LookupId(strconv.Itoa(uid)); err != nil && !used[uint32(uid)] {
			return uid, nil
		}
	}
	return 0, words.Errorf("no user is left whom nobody is")
}

// ownerOf returns the user that a file, or a process in /proc, belongs to.
func ownerOf(path string) (uint32, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}

// Checks returns the command that runs the checks, in a network of their own if the rung has that.
func (s *Sandbox) Checks(file string, args ...string) *exec.Cmd {
	if s.Rung != Bubblewrap {
		return exec.Command(file, args...)
	}
	return exec.Command("bwrap", append([]string{"--unshare-user", "--unshare-net", "--dev-bind", "/", "/", "--die-with-parent", "--", file}, args...)...)
}

// limited is the beginning of a command that cannot go beyond the limits that the system keeps.
var limited = []string{"prlimit", "--core=0", "--cpu=" + strconv.Itoa(maxCPU), "--fsize=" + strconv.Itoa(maxFile), "--nofile=" + strconv.Itoa(maxOpen)}

// command returns the command that starts a program in a box.
func (s *Sandbox) command(box Box, file string, args ...string) *exec.Cmd {
	var line []string
	switch s.Rung {
	case None:
		return plain(box, file, args...)
	case User:
		id := strconv.Itoa(s.UID)
		if s.IPC {
			line = append(line, "unshare", "--ipc", "--")
		}
		line = append(line, limited...)
		line = append(line, "--nproc="+strconv.Itoa(maxTasks), "setpriv", "--reuid="+id, "--regid="+id, "--clear-groups", "--no-new-privs", "--pdeathsig=KILL", "--",
			"sh", "-c", `cd "$0" && exec "$@"`, box.Dir) // as that user: the folder may be a link by now
	case Bubblewrap:
		line = append(line, limited...)
		line = append(line, "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
			"--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "localhost",
			"--dev", "/dev", "--remount-ro", "/dev", "--size", strconv.Itoa(16<<20), "--tmpfs", "/tmp")
		if s.Proc {
			line = append(line, "--proc", "/proc", "--remount-ro", "/proc") // else root inside sets what the whole machine has in /proc/sys
		}
		if s.Single {
			line = append(line, "--disable-userns")
		}
		for _, path := range append([]string{"/usr/share/zoneinfo"}, box.Files...) {
			line = append(line, "--ro-bind-try", path, path)
		}
		if s.Filter {
			line = append(line, filterArgs...)
		}
		if s.Hosts != "" {
			line = append(line, "--ro-bind", s.Hosts, "/etc/hosts")
		}
		for _, path := range box.Folders {
			line = append(line, "--bind", path, path)
		}
		line = append(line, "--remount-ro", "/", "--chdir", box.Dir, "--")
	}
	line = append(append(line, file), args...)
	box.Dir = "/"
	return plain(box, line[0], line[1:]...)
}

// Start starts a program in a box; its command may be changed by prepare.
func (s *Sandbox) Start(box Box, prepare func(*exec.Cmd), file string, args ...string) (*tree.Tree, error) {
	for _, dir := range box.Folders {
		if err := s.Give(dir); err != nil {
			return nil, err
		}
	}
	cmd := s.command(box, file, args...)
	prepare(cmd)
	if s.Filter {
		done, err := giveFilter(cmd)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	t, err := tree.Start(cmd, false)
	if err == nil && s.Rung == Bubblewrap {
		t.InterruptWith(func() error { return interruptInside(t.Pid()) })
	}
	return t, err
}

// Give gives a folder, with all that is in it, to the user that programs are. It follows no link:
// a program may have made one.
func (s *Sandbox) Give(dir string) error {
	if s.Rung != User {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && ours(root, name) {
			err = root.Lchown(name, s.UID, s.UID)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it has gone meanwhile
		}
		return err
	})
}

// ours says whether a file is still that of whoever runs the checks, and has no other name elsewhere.
func ours(root *os.Root, name string) bool {
	info, err := root.Lstat(name)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == uint32(os.Geteuid()) && (info.IsDir() || stat.Nlink == 1)
}

// Interrupt tells the checks that they are to end, and not what has started them.
func (s *Sandbox) Interrupt(pid int) error {
	for _, checks := range children(pid) {
		return syscall.Kill(checks, syscall.SIGTERM)
	}
	return errors.ErrUnsupported
}

// interruptInside interrupts a program that bubblewrap has started, which the signal itself would
// end: bubblewrap's first child is the first process inside, and that one's the program.
func interruptInside(bubblewrap int) error {
	for _, inside := range children(bubblewrap) {
		for _, program := range children(inside) {
			return syscall.Kill(program, syscall.SIGINT)
		}
	}
	return errors.ErrUnsupported
}

// children returns the processes that a process has started, and those that it has inherited.
func children(pid int) []int {
	var all []int
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, thread := range threads {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, thread.Name()))
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}
