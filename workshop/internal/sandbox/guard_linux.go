package sandbox

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// How often the limits are looked at that the system does not keep.
const (
	lookEvery        = 100 * time.Millisecond
	lookAtFilesEvery = 500 * time.Millisecond
)

// Guard watches a program until it ends, and ends it when it goes beyond a limit. Its memory is looked at apart
// from its files, which a program can have so many of that a look takes long.
func (s *Sandbox) Guard(t *tree.Tree, box Box, exceeded func(what words.Text)) {
	mostMemory, mostTasks, mostOnDisk := cmp.Or(box.Memory, maxMemory), cmp.Or(box.Tasks, maxTasks), cmp.Or(box.Disk, maxOnDisk)
	once := sync.Once{}
	watch := func(every time.Duration, look func(pids []int) words.Text) {
		for {
			select {
			case <-t.Ended:
				return
			case <-time.After(every):
			}
			if what := look(s.processes(t.Pid())); what != "" {
				once.Do(func() { exceeded(what) })
				t.Stop(0)
				return
			}
		}
	}
	go watch(lookEvery, func(pids []int) words.Text {
		switch memory, tasks := uses(pids); {
		case memory > mostMemory:
			return words.Textf("it used more than %d MiB of memory", mostMemory>>20)
		case tasks > mostTasks:
			return words.Textf("it had more than %d processes and threads", mostTasks)
		}
		return ""
	})
	go watch(lookAtFilesEvery, func(pids []int) words.Text {
		switch size, looked := hidden(pids); {
		case looked > maxMaps:
			return words.Textf("it had more than %d files open, or parts of memory", maxMaps)
		case size > mostOnDisk || inPrivateTmp(pids) > maxNames || tooMuch(s.written(box), mostOnDisk):
			return words.Textf("it wrote more than %d MiB, or more than %d files", mostOnDisk>>20, maxNames)
		}
		return ""
	})
}

// processes returns a process and all that it has started. What has left its group is among them,
// too: inside bubblewrap it stays below the first process, and it is the same user.
func (s *Sandbox) processes(pid int) []int {
	pids := []int{pid}
	if s.Rung == User {
		for _, other := range s.ofUser() {
			if other != pid {
				pids = append(pids, other)
			}
		}
	} else {
		for i := 0; i < len(pids) && len(pids) < 2*maxTasks; i++ {
			pids = append(pids, children(pids[i])...)
		}
	}
	return pids
}

// written returns where a program may have written: its folders and, of another user, what is that one's in
// the folders for everybody.
func (s *Sandbox) written(box Box) []string {
	if s.Rung != User {
		return box.Folders
	}
	return append(s.public(), box.Folders...)
}

// maxMaps is how many files processes may have open, and of how many parts their memory may be, together: Linux
// needs memory for each that it counts under no process, and each takes a while to look at.
const maxMaps = 100_000

// maps returns of how many parts the memory of a process is, or most if there are more, and the files in /proc
// for those parts that are of a file without a name.
func maps(pid, most int) (parts int, nameless []string) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, nil
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); parts < most && lines.Scan(); parts++ {
		if !bytes.HasSuffix(lines.Bytes(), []byte(" (deleted)")) { // as Linux calls them, proc_pid_maps(5)
			continue
		}
		area, _, _ := strings.Cut(lines.Text(), " ")
		from, to, _ := strings.Cut(area, "-")
		nameless = append(nameless, fmt.Sprintf("/proc/%d/map_files/%s-%s", pid, strings.TrimLeft(from, "0"), strings.TrimLeft(to, "0")))
	}
	return parts, nameless
}

// inPrivateTmp returns how many files are in the /tmp that bubblewrap has made for processes, which is in
// memory, and in no folder here.
func inPrivateTmp(pids []int) (names int) {
	var ours, theirs unix.Stat_t
	if unix.Stat("/tmp", &ours) != nil {
		return 0
	}
	for _, pid := range pids {
		tmp := filepath.Join("/proc", strconv.Itoa(living(pid)), "root", "tmp")
		var disk unix.Statfs_t
		if unix.Stat(tmp, &theirs) == nil && theirs.Dev != ours.Dev && unix.Statfs(tmp, &disk) == nil && disk.Type == unix.TMPFS_MAGIC {
			names = max(names, int(disk.Files-disk.Ffree))
		}
	}
	return names
}

// hidden returns how much is in files that have no name and that processes have open, or mapped, in bytes:
// those that were deleted, and those that were only ever in memory. (Whether a file is mapped only, root alone
// can see.) It returns how many files and parts of memory it has looked at, too, and looks at no more than maxMaps.
func hidden(pids []int) (size int64, looked int) {
	seen := map[[2]uint64]bool{}
	look := func(file string) {
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			return
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if file := [2]uint64{uint64(stat.Dev), stat.Ino}; ok && stat.Nlink == 0 && !seen[file] {
			seen[file] = true
			size += stat.Blocks * 512
		}
	}
	for _, pid := range pids {
		parts, nameless := maps(living(pid), maxMaps+1-looked)
		looked += parts
		for _, file := range nameless {
			look(file)
		}
		for _, tid := range tables(pid) {
			if looked > maxMaps {
				return size, looked
			}
			dir := fmt.Sprintf("/proc/%d/task/%d/fd", pid, tid)
			names, _ := namesIn(dir, maxMaps+1-looked)
			looked += len(names)
			for _, name := range names {
				look(filepath.Join(dir, name))
			}
		}
	}
	return size, looked
}

// namesIn returns the names of some files in a folder, so many at most.
func namesIn(dir string, most int) ([]string, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Readdirnames(most)
}

// kcmpFiles asks kcmp(2) whether two threads have one table of open files.
const kcmpFiles = 2

// tables returns threads of a process, one for each table of open files that there is: a thread may have its own
// (unshare(2), CLONE_FILES).
func tables(pid int) (tids []int) {
	for _, tid := range threads(pid) {
		shared := slices.ContainsFunc(tids, func(other int) bool {
			order, _, errno := syscall.Syscall6(unix.SYS_KCMP, uintptr(tid), uintptr(other), kcmpFiles, 0, 0, 0)
			return errno == 0 && order == 0
		})
		if !shared {
			tids = append(tids, tid)
		}
	}
	return tids
}

// threads returns the threads of a process that have not ended. The first may have, and the others go on.
func threads(pid int) (tids []int) {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, entry := range entries {
		if tid, err := strconv.Atoi(entry.Name()); err == nil && !hasEnded(fmt.Sprintf("/proc/%d/task/%d", pid, tid)) {
			tids = append(tids, tid)
		}
	}
	return tids
}

// living returns the thread of a process that says in /proc what the process has: the first, unless that has ended.
func living(pid int) int {
	if hasEnded(fmt.Sprintf("/proc/%d", pid)) {
		for _, tid := range threads(pid) {
			return tid
		}
	}
	return pid
}

// hasEnded says whether a thread has ended, by its folder in /proc.
func hasEnded(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "stat"))
	at := bytes.LastIndexByte(text, ')')
	return err != nil || at+2 < len(text) && (text[at+2] == 'Z' || text[at+2] == 'X')
}

// uses returns how much memory processes have, in bytes, and how many threads. What Linux itself needs to say where
// their memory is counts, too: a process can have that grow to much more than it has (VmPTE of
// proc_pid_status(5)).
func uses(pids []int) (memory int64, tasks int) {
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", living(pid)))
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) < 2 {
				continue
			}
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			switch fields[0] {
			case "VmRSS:", "VmPTE:":
				memory += n << 10
			case "Threads:":
				tasks += int(n)
			}
		}
	}
	return memory, tasks
}

// errTooMuch ends a walk.
var errTooMuch = errors.New("too much")

// tooMuch says whether more is in folders than so many bytes, or than programs may leave there.
func tooMuch(folders []string, most int64) bool {
	names, size := 0, int64(0)
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, fs.ErrPermission) {
				return errTooMuch // folders in folders in folders, or one that nobody may look into
			}
			if err != nil {
				return nil // it has gone meanwhile
			}
			if info, err := entry.Info(); err == nil {
				if stat, ok := info.Sys().(*syscall.Stat_t); ok {
					size += stat.Blocks * 512
				}
			}
			if names++; names > maxNames || size > most {
				return errTooMuch
			}
			return nil
		})
		if errors.Is(err, errTooMuch) {
			return true
		}
	}
	return false
}
