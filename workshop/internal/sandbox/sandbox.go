// Package sandbox keeps programs that somebody else has written from the machine that they run
// on, as far as the system has means for that. Which it has is found by trying.
//
// It is for submissions, which may mean harm. What learners run themselves is not kept from
// anything.
package sandbox

import (
	"os/exec"

	"jwtworkshop/workshop/internal/words"
)

// A Rung says how far programs are kept from the machine.
type Rung string

// The rungs, from the highest down.
const (
	// Bubblewrap (Linux): the checks and the browser are in a network of their own, which is
	// 127.0.0.1 alone. Each program is in namespaces of its own, which end with it: it sees its
	// own files and processes, and no others.
	Bubblewrap Rung = "bubblewrap"
	// User (Linux, where the checks are root): each program is a user whom nobody else is. It
	// reads what everybody may read, and is not kept from the network.
	User Rung = "user"
	// None: a program may do what whoever runs the checks may do.
	None Rung = "none"
)

// Rungs are all rungs, from the highest down.
var Rungs = []Rung{Bubblewrap, User, None}

// Says says in a line how far programs are kept from the machine.
func (r Rung) Says() words.Text {
	switch r {
	case Bubblewrap:
		return "The program is isolated by bubblewrap: no network, no files but its own."
	case User:
		return "The program runs as another user. Not held: the network, and files that everybody may read."
	}
	return "The program is NOT isolated: it can do all that you can do here. On Linux, install bubblewrap, or grade in a container as root."
}

// A Sandbox is how programs are started.
type Sandbox struct {
	Rung   Rung
	UID    int  `json:",omitempty"` // the user's, if Rung is User
	IPC    bool `json:",omitempty"` // and has queues, semaphores and shared memory of its own
	Proc   bool `json:",omitempty"` // bubblewrap may mount a /proc
	Single bool `json:",omitempty"` // and forbids further namespaces within
	Filter bool `json:",omitempty"` // and refuses some system calls

	Hosts string `json:",omitempty"` // the file that is /etc/hosts inside, if Rung is Bubblewrap: some listen on localhost
}

// Localhost is the text of such a file.
const Localhost = "127.0.0.1 localhost\n::1 localhost\n"

// A Box is what a program gets to see.
type Box struct {
	Dir     string   // where it is started
	Env     []string // its environment
	Folders []string // that it may write to
	Files   []string // that it may only read, and folders; they need not be there
	Memory  int64    // how many bytes it may use with all that it starts, if that is not the usual
	Tasks   int      // and how many threads
	Disk    int64    // and how many bytes in its folders
}

// Limits on a program with all that it starts.
const (
	maxCPU    = 300       // seconds of processor time
	maxFile   = 64 << 20  // bytes in a file
	maxOpen   = 1024      // files that are open
	maxMemory = 768 << 20 // bytes
	maxTasks  = 400       // threads of all its processes
	maxOnDisk = 192 << 20 // bytes in its folders
	maxNames  = 10_000    // files and folders in them
)

// Find returns the sandbox of a rung or, if rung is "", of the highest that the machine has.
func Find(rung Rung) (*Sandbox, error) {
	for _, r := range Rungs {
		if rung != "" && r != rung {
			continue
		}
		s, err := try(r)
		if err == nil {
			return s, nil
		}
		if rung != "" {
			return nil, words.Errorf("this machine has no isolation by %s: %w", r, err)
		}
	}
	return nil, words.Errorf("there is no isolation %s\nhint: it is one of bubblewrap, user and none", rung)
}

// plain returns the command of a program that nothing keeps from anything.
func plain(box Box, file string, args ...string) *exec.Cmd {
	cmd := exec.Command(file, args...)
	cmd.Dir, cmd.Env = box.Dir, box.Env
	return cmd
}
