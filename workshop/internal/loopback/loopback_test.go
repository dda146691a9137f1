package loopback

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFreeAddress: nobody listens there, and the next one is another.
func TestFreeAddress(t *testing.T) {
	if os.Getenv("ASK_FOR_ONE") != "" {
		address, err := FreeAddress()
		fmt.Println("free:", address, err)
		return
	}
	taken := map[string]bool{}
	for range handSize {
		address, err := FreeAddress()
		require.NoError(t, err)
		assert.False(t, taken[address], address)
		taken[address] = true
		l, err := net.Listen("tcp", address)
		require.NoError(t, err)
		defer l.Close()
	}
	address, err := FreeAddress()
	require.NoError(t, err, "somebody has taken them all: then any other")
	assert.False(t, taken[address], address)

	for range 3 { // no other process is given one of ours
		cmd := exec.Command(os.Args[0], "-test.run", "^TestFreeAddress$")
		cmd.Env = append(os.Environ(), "ASK_FOR_ONE=yes")
		printed, err := cmd.Output()
		require.NoError(t, err)
		_, rest, found := strings.Cut(string(printed), "free: ")
		require.True(t, found, string(printed))
		address, _, _ := strings.Cut(rest, " ")
		assert.False(t, taken[address], address)
	}
}

// TestTaken: who listens is seen, and nobody listens at an address that was free a moment ago,
// also while processes are started all the time.
func TestTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	assert.True(t, Taken(l.Addr().String()))
	l.Close()
	assert.False(t, Taken(l.Addr().String()))
	if runtime.GOOS == "windows" {
		t.Skip("to connect to nobody takes two seconds")
	}

	var starting sync.WaitGroup
	defer starting.Wait()
	var over atomic.Bool
	defer over.Store(true)
	for range 6 {
		starting.Go(func() {
			for !over.Load() {
				exec.Command(os.Args[0], "-test.run", "^$").Run()
			}
		})
	}
	for range 3000 {
		address, err := FreeAddress()
		require.NoError(t, err)
		conn, err := net.Dial("tcp", address)
		require.Error(t, err, address)
		require.Nil(t, conn)
	}
}

// TestReach: on this computer, programs reach each other.
func TestReach(t *testing.T) { require.NoError(t, Reach()) }
