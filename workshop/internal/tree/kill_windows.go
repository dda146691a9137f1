package tree

import (
	"errors"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// prepare has nothing to do on Windows: a job takes the process in.
func prepare(cmd *exec.Cmd) {}

// A handle is how the system is told of a process with all that it started: a job object, which Windows
// ends as a whole when the last handle to it is closed, so even when the tests
// are killed.
type handle struct{ job windows.Handle }

// adopt takes charge of a process that has just started.
func adopt(p *os.Process) (*handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	defer windows.CloseHandle(process)
	if err := windows.AssignProcessToJobObject(job, process); err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	return &handle{job}, nil
}

// kill ends every process of the tree.
func (t *handle) kill() {
	windows.TerminateJobObject(t.job, 1)
	windows.CloseHandle(t.job)
}

// interrupt is not to be had for a process without a console.
func (t *handle) interrupt() error { return errors.ErrUnsupported }

// EndOwn ends this process and cmd, if that was started; the job takes the rest.
func EndOwn(cmd *exec.Cmd) {
	if cmd.Process != nil {
		cmd.Process.Kill()
	}
	os.Exit(1)
}
