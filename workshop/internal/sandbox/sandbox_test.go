package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/words"
)

// TestFind: there is always one, and one that is asked for by name is that one or an error.
func TestFind(t *testing.T) {
	s, err := Find("")
	require.NoError(t, err)
	assert.Contains(t, Rungs, s.Rung)
	s, err = Find(None)
	require.NoError(t, err)
	assert.Equal(t, None, s.Rung)
	_, err = Find("jail")
	assert.EqualError(t, err, "there is no isolation jail\nhint: it is one of bubblewrap, user and none")
	for _, rung := range Rungs {
		if s, err := Find(rung); err == nil {
			assert.Equal(t, rung, s.Rung)
		} else {
			assert.ErrorContains(t, err, "this machine has no isolation by "+string(rung)+": ")
		}
		assert.NotEmpty(t, rung.Says())
	}
}

// TestGuard: a program that writes more than it may is ended, on each rung that the machine has.
func TestGuard(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere, nobody is told what a process uses")
	}
	for _, rung := range Rungs {
		s, err := Find(rung)
		if err != nil {
			continue
		}
		t.Run(string(rung), func(t *testing.T) {
			above, err := os.MkdirTemp("", "") // t.TempDir's may be entered by its owner alone
			require.NoError(t, err)
			defer os.RemoveAll(above)
			require.NoError(t, os.Chmod(above, 0o711))
			base := filepath.Join(above, "base")
			require.NoError(t, os.Mkdir(base, 0o700))
			box := Box{Dir: base, Env: os.Environ(), Folders: []string{base}, Files: []string{"/bin", "/usr", "/lib", "/lib64"}}
			const writes = "sleep 0.2; i=0; while [ $i -lt 10 ]; do head -c 40000000 /dev/zero >file$i; i=$((i + 1)); done; sleep 60"
			p, err := s.Start(box, func(*exec.Cmd) {}, "/bin/sh", "-c", writes)
			require.NoError(t, err)
			told := make(chan words.Text, 1)
			s.Guard(p, box, func(what words.Text) { told <- what })
			select {
			case what := <-told:
				assert.Contains(t, what.String(), "it wrote more than")
			case <-time.After(30 * time.Second):
				t.Error("it is not ended")
			}
			p.Stop(0)
			s.End()
			assert.FileExists(t, filepath.Join(base, "file0"))
		})
	}
}
