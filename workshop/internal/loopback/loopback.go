// Package loopback finds places for programs to listen at, on this computer only.
package loopback

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// The ports that are given out lie below those that systems give to whoever asks for any
// (from 32768 on Linux, from 49152 on Windows and macOS): nobody gets one by chance in
// the moment before a program listens there, and is taken for it. They are dealt out in
// hands, one to a process; who has a hand listens at a port of its own for as long as it
// lives, so that no other process takes it.
const (
	firstPort = 12000
	hands     = 156
	handSize  = 128
	firstHand = firstPort - hands // where who has the first hand listens
)

// hand is what this process listens at because of its hand, nil if it has none.
var hand = sync.OnceValue(func() net.Listener {
	for i := range hands {
		n := (os.Getpid() + i) % hands
		if l, err := net.Listen("tcp", address(firstHand+n)); err == nil {
			return l
		}
	}
	return nil
})

// firstOfHand returns the first port of this process's hand. Where there was none left,
// there is a chance that another process has the same.
func firstOfHand() int {
	n := os.Getpid() % hands
	if l := hand(); l != nil {
		n = l.Addr().(*net.TCPAddr).Port - firstHand
	}
	return firstPort + n*handSize
}

// given counts the ports that this process was given.
var given atomic.Int32

// FreeAddress returns an address on which nobody listens, such as 127.0.0.1:20345.
func FreeAddress() (string, error) {
	for range handSize {
		if free := address(firstOfHand() + int(given.Add(1))%handSize); !Taken(free) {
			return free, nil
		}
	}
	l, err := net.Listen("tcp", address(0)) // somebody has taken all of the hand
	if err != nil {
		return "", fmt.Errorf("no free port on 127.0.0.1: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// Taken says whether somebody listens at an address. It does not listen there itself to see
// that where a process begins as a copy of the one that starts it (fork): a copy that is made in that moment
// would hold the listener for some milliseconds more, and pass for a program that listens.
func Taken(address string) bool {
	if runtime.GOOS == "windows" { // no copies; and to connect to nobody takes two seconds
		l, err := net.Listen("tcp", address)
		if err != nil {
			return true
		}
		l.Close()
		return false
	}
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		conn.Close()
	}
	return err == nil || os.IsTimeout(err)
}

// address returns the address with a port.
func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Reach returns an error unless a program on this computer can be reached at 127.0.0.1.
func Reach() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	conn, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
	if err != nil {
		return words.Errorf("a program that listens there is not reached: %w", err)
	}
	return conn.Close()
}
